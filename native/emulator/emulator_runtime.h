// The interface between a compiled kernel module and the emulator that runs it. Both sides include this file.
#pragma once

struct EmulatorIndex {
    unsigned x, y, z;
};

// Called by the last lane to arrive: slots[lane] is what each lane brought, for the lanes in `present`.
typedef void (*EmulatorComplete)(void* const slots[32], unsigned present);

enum EmulatorBarrier { EMULATOR_BARRIER, EMULATOR_BARRIER_OR, EMULATOR_BARRIER_AND, EMULATOR_BARRIER_COUNT };

// The state of a module while one of its kernels runs. It lives in the module's data, so that threadIdx is one load.
struct EmulatorModule {
    EmulatorIndex thread, block, block_dim, grid_dim; // of the thread that runs now
    unsigned char* dynamic_shared;
    unsigned lane;
    char *shared_begin, *shared_end; // the module's static __shared__ variables

    // Filled in by the emulator when it loads the module.
    int (*barrier)(EmulatorBarrier kind, int value, int line);
    void (*meet)(const char* what, unsigned mask, void* slot, EmulatorComplete complete, int line);
    void (*copy_async)(void* shared, const void* global, int bytes, int line);
    void (*copy_commit)();
    void (*copy_wait)(int pending);
    void (*misaligned)(const char* file, unsigned line, const void* address);
    void (*fail)(const char* file, unsigned line, const char* text);
};

// One per entry point, exported as ogong_kernel_NAME.
struct EmulatorKernel {
    void (*run)(const void* arguments); // one thread
    unsigned argument_bytes;
    unsigned max_threads; // __launch_bounds__, else 1024
};
