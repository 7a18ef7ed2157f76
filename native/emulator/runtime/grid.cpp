#include "block.h"
#include <algorithm>
#include <cstring>
#include <numeric>
#include <sys/mman.h>

namespace emulator {

std::string (*describe_address)(const void*, bool);
bool (*owns_address)(const void*);

// Dynamic shared memory ends at a page that may not be touched, whatever its size.
static char* dynamic_shared_end() {
    constexpr size_t bytes = 256 << 10, guard = 64 << 10;
    static char* end = [] {
        char* base = (char*)mmap(nullptr, bytes + guard, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (base == MAP_FAILED || mprotect(base + bytes, guard, PROT_NONE) != 0) abort();
        return base + bytes;
    }();
    return end;
}

// Nothing in shared memory outlives a block, and nothing is zero to begin with.
static void poison_shared(const Launch& launch) {
    EmulatorModule& m = *launch.module;
    if (m.shared_begin != nullptr) memset(m.shared_begin, 0xFF, (size_t)(m.shared_end - m.shared_begin));
    memset(m.dynamic_shared, 0xFF, (size_t)(dynamic_shared_end() - (char*)m.dynamic_shared));
}

static void prepare(const Launch& launch, EmulatorIndex index, bool descending) {
    block.index = index;
    block.launch->module->block = index;
    block.ready.clear(block.threads.size());
    block.started = block.at_barrier = block.exited = 0;
    block.current = nullptr;
    unsigned count = (unsigned)block.threads.size();
    for (unsigned i = 0; i < count; i++) {
        Thread& t = block.threads[i];
        t.state = State::unstarted;
        t.copies.clear();
        t.copy_group = 0;
    }
    for (unsigned i = 0; i < count; i++) block.order[i] = descending ? count - 1 - i : i;
    for (unsigned w = 0; w < block.warps.size(); w++) {
        unsigned lanes = std::min(32u, count - 32 * w);
        block.warps[w].live = lanes == 32 ? 0xFFFFFFFFu : (1u << lanes) - 1;
        block.warps[w].meetings.clear();
    }
    poison_shared(launch);
}

Outcome run_grid(const Launch& launch) {
    EmulatorModule& module = *launch.module;
    module.block_dim = launch.block;
    module.grid_dim = launch.grid;
    module.dynamic_shared = (unsigned char*)dynamic_shared_end() - (launch.dynamic_shared + 15) / 16 * 16;
    unsigned count = launch.block.x * launch.block.y * launch.block.z;
    block.launch = &launch;
    block.threads.resize(count);
    block.warps.resize((count + 31) / 32);
    block.order.resize(count);
    for (unsigned i = 0; i < count; i++) {
        block.threads[i].number = i;
        block.threads[i].index = {i % launch.block.x, i / launch.block.x % launch.block.y, i / launch.block.x / launch.block.y};
    }
    block.outcome = {};
    fault.signal = 0;

    unsigned number = 0;
    for (unsigned z = 0; z < launch.grid.z; z++)
        for (unsigned y = 0; y < launch.grid.y; y++)
            for (unsigned x = 0; x < launch.grid.x; x++, number++) {
                prepare(launch, {x, y, z}, launch.order == Order::descending || (launch.order == Order::alternating && number % 2 == 1));
                Fiber* fiber = fibers.take();
                ogong_switch(&block.host_stack, fiber->stack_pointer);
                if (fault.signal != 0) block.outcome = describe_fault();
                if (block.outcome.failure != Failure::none) {
                    fibers.reset();
                    block.current = nullptr;
                    return block.outcome;
                }
            }
    block.current = nullptr;
    return block.outcome;
}

}
