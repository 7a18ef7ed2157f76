// The one thread that executes: kernels, copies, everything a stream holds.
#pragma once
#include <functional>

namespace emulator {

struct Device;

// Runs the action there, with access to the device's memory, and waits for it. From that thread itself: runs it at once.
void execute(Device& device, const std::function<void()>& action);

}
