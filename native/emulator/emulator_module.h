// What every kernel module defines. The emulated NVRTC adds a descriptor for each entry point, which calls emulator_call.
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

// ---- what -fsanitize=alignment,bounds calls: the first words of its descriptions of the place and of the type ----

struct EmulatorPlace {
    const char* file;
    unsigned line, column;
};

extern "C" __attribute__((visibility("hidden"), used)) void __ubsan_handle_type_mismatch_v1_abort(EmulatorPlace* place, const void* address) {
    emulator_module.misaligned(place->file, place->line, address);
}
extern "C" __attribute__((visibility("hidden"), used)) void __ubsan_handle_out_of_bounds_abort(EmulatorPlace* place, const void*) {
    emulator_module.fail(place->file, place->line, "an index outside its array");
}
