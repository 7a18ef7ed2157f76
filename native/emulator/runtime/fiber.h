// Fibers: stacks that hand over to each other by an ordinary call. All of them run on one operating system thread.
#pragma once
#include <cstddef>
#include <vector>

namespace emulator {

struct Fiber {
    void* stack_pointer; // where its registers lie while it does not run
    char *stack_begin, *stack_end;
};

// Saves the running stack in *save and continues the one saved as `load`.
extern "C" void ogong_switch(void** save, void* load);
// Where a stack that was left by ogong_switch continues; the signal handler returns here to abandon a block.
extern "C" void ogong_resume();

class FiberPool {
public:
    explicit FiberPool(void (*entry)()) : entry_(entry) {}

    Fiber* take();                // an idle fiber; a new one will begin in `entry`
    Fiber* taken() const { return taken_; } // the last one: how a fiber that begins learns which it is
    void give(Fiber* fiber);      // it will wait inside ogong_switch, and continue there when taken again
    void reset();                 // abandons whatever is on every stack
    bool guards(const void* address) const; // whether the address lies in the guard page of a stack

    static constexpr size_t stack_bytes = 64 << 10, guard_bytes = 4 << 10;

private:
    void begin(Fiber* fiber);

    void (*entry_)();
    Fiber* taken_ = nullptr;
    std::vector<Fiber*> all_, idle_;
};

}
