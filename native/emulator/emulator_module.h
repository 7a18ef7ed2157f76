// What every kernel module defines: its state, and a descriptor for each entry point.
#pragma once
#include "emulator_runtime.h"

#ifdef EMULATOR_STANDALONE
static EmulatorModule emulator_module;
#else
// Not in .bss: all of a module's .bss is taken to be __shared__ variables, and is overwritten before each block.
extern "C" char __bss_start[] __attribute__((visibility("hidden")));
extern "C" char _end[] __attribute__((visibility("hidden")));
extern "C" __attribute__((visibility("default"), section(".data"))) EmulatorModule ogong_module;
EmulatorModule ogong_module = {{}, {}, {}, {}, nullptr, 0, __bss_start, _end, 0, 0, 0, 0, 0, 0, 0};
#define emulator_module ogong_module
#endif

template <class Arguments> static inline void emulator_call(void (*kernel)(Arguments), const void* arguments) {
    kernel(*(const Arguments*)arguments);
}
template <class Arguments> constexpr unsigned emulator_argument_bytes(void (*)(Arguments)) { return sizeof(Arguments); }

#define EMULATOR_BOUNDS_(threads, ...) (threads)
#define EMULATOR_BOUNDS(...) EMULATOR_BOUNDS_(__VA_ARGS__, 0)
#define EMULATOR_KERNEL(name, ...) \
    static void emulator_run_##name(const void* arguments) { emulator_call(&name, arguments); } \
    extern "C" __attribute__((visibility("default"))) const EmulatorKernel ogong_kernel_##name; \
    const EmulatorKernel ogong_kernel_##name = {emulator_run_##name, emulator_argument_bytes(&name), EMULATOR_BOUNDS(__VA_ARGS__)};
