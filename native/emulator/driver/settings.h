// What a test can choose: environment variables when the library is loaded, and ogong_emulator_set afterwards.
#pragma once
#include "../runtime/grid.h"
#include <cstddef>
#include <string>

namespace emulator {

struct Settings {
    int devices = 1;                      // OGONG_EMULATOR_DEVICES
    size_t memory = (size_t)1 << 30;      // OGONG_EMULATOR_MEMORY, bytes of each device
    int capability = 90;                  // OGONG_EMULATOR_CAPABILITY, 90 for 9.0
    Order order = Order::alternating;     // OGONG_EMULATOR_ORDER: ascending, descending, alternating
};

Settings& settings();

// Whether this call of `name` is one that was chosen to fail, and with which code; 0 if not. Kernels count under their own name.
// `device` is the one the call is for, or -1.
int injected_failure(const char* name, int device);

// Prints a report to stderr, and keeps it for ogong_emulator_last_report.
void publish(const std::string& report);

}
