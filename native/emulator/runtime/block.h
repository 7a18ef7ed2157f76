// The threads of the block that runs now.
#pragma once
#include "fiber.h"
#include "grid.h"
#include <vector>

namespace emulator {

// An asynchronous copy to shared memory that was issued and not yet waited for.
struct Copy {
    void* to;
    const void* from;
    int bytes, group;
};

enum class State { unstarted, running, at_barrier, in_warp, exited };

struct Thread {
    EmulatorIndex index;
    unsigned number;
    State state;
    Fiber* fiber;
    const char* waits_in; // the name of the operation
    unsigned mask;
    int line;
    int value; // what it brings to a barrier, then what the barrier gives back
    int copy_group;
    std::vector<Copy> copies;
};

// Lanes that have arrived at the same warp-wide operation and wait for the others in its mask.
struct Meeting {
    const char* what;
    unsigned mask, present;
    EmulatorComplete complete;
    void* slots[32];
};

struct Warp {
    unsigned live; // lanes that exist and have not exited
    std::vector<Meeting> meetings;
};

// Threads that can go on, first come first served. No thread is in it twice, so a block's number of threads is room enough.
class ReadyQueue {
public:
    void clear(size_t threads) {
        slots_.resize(threads + 1);
        first_ = last_ = 0;
    }
    bool empty() const { return first_ == last_; }
    void push(Thread* t) {
        slots_[last_] = t;
        if (++last_ == slots_.size()) last_ = 0;
    }
    Thread* pop() {
        Thread* t = slots_[first_];
        if (++first_ == slots_.size()) first_ = 0;
        return t;
    }

private:
    std::vector<Thread*> slots_;
    size_t first_ = 0, last_ = 0;
};

struct Block {
    const Launch* launch = nullptr;
    EmulatorIndex index{};
    std::vector<Thread> threads;
    std::vector<Warp> warps;
    std::vector<unsigned> order; // in which threads start
    ReadyQueue ready;
    unsigned started = 0, at_barrier = 0, exited = 0;
    EmulatorBarrier barrier_kind{}; // of those that wait at a barrier, if any do
    const Thread* barrier_first = nullptr;
    Thread* current = nullptr;
    void* host_stack = nullptr; // run_grid's, while a fiber runs
    Outcome outcome;
};

extern Block block;
extern FiberPool fibers;

void run_threads();       // the entry of every fiber
void wait();              // the running thread, until it is made ready
void finish_meetings(Warp& warp, unsigned first_thread); // completes those that no longer wait for anybody
void fill_services(EmulatorModule& module);
void report_deadlock();
std::string where();      // "kernel k, block (x, y, z), thread (x, y, z)"
void abandon(Failure failure, std::string report); // called on a fiber: leaves the block for run_grid, and does not return

// What the signal handler saw, for run_grid to describe once it is back on its own stack.
struct Fault {
    volatile int signal; // 0: none
    const void* volatile address;
    volatile bool write;
};
extern Fault fault;
void catch_faults(); // those of the calling thread, from now on
Outcome describe_fault();

}
