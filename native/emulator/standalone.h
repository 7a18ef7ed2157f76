// Tries a kernel without .NET and without a driver: see native/README.md, "Trying a kernel". Included instead of emulator.h, before the kernel.
#pragma once
#define OGONG_EMULATOR
#define EMULATOR_STANDALONE
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include "runtime/grid.h"
#include "emulator.h"

namespace emulator {
void fill_services(EmulatorModule& module);
void catch_faults();
}

// Runs kernel<<<grid, block, shared>>>(arguments) and ends the process with a report if it does something wrong.
template <class Arguments> void emulator_launch(void (*kernel)(Arguments), dim3 grid, dim3 block, size_t shared, const Arguments& arguments) {
    static void (*running)(Arguments);
    static bool ready = (emulator::fill_services(emulator_module), emulator::catch_faults(), true);
    (void)ready;
    running = kernel;
    emulator::Launch launch = {"kernel", &emulator_module, [](const void* a) { running(*(const Arguments*)a); }, &arguments, grid, block, shared, emulator::Order::alternating};
    emulator::Outcome outcome = emulator::run_grid(launch);
    if (outcome.failure == emulator::Failure::none) return;
    fprintf(stderr, "%s\n", outcome.report.c_str());
    exit(1);
}
