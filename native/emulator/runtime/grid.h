// Runs the blocks of a grid one after another, and the threads of each block as fibers.
#pragma once
#include "../emulator_runtime.h"
#include <cstddef>
#include <string>

namespace emulator {

enum class Order { ascending, descending, alternating };

struct Launch {
    std::string kernel;
    EmulatorModule* module;
    void (*run)(const void* arguments);
    const void* arguments;
    EmulatorIndex grid, block;
    size_t dynamic_shared;
    Order order; // in which threads of a block start; alternating goes by the block's number
};

enum class Failure { none, illegal_address, misaligned_address, launch_failed };

struct Outcome {
    Failure failure = Failure::none;
    std::string report; // what happened, and the kernel, block and thread it happened in
};

// Call from one thread at a time: the whole process has one set of fibers.
Outcome run_grid(const Launch& launch);

// Says what an address outside every array of the kernel means: set by the owner of device memory.
extern std::string (*describe_address)(const void* address, bool write);
extern bool (*owns_address)(const void* address);

}
