// What the threads of a block do together: the functions a module calls.
#include "block.h"
#include <cstdint>
#include <cstring>

namespace emulator {

// ---- barriers ----

static int barrier(EmulatorBarrier kind, int value, int line) {
    static const char* const names[] = {"__syncthreads", "__syncthreads_or", "__syncthreads_and", "__syncthreads_count"};
    Thread& self = *block.current;
    if (block.exited != 0)
        abandon(Failure::launch_failed, where() + " waits in " + names[kind] + " on line " + std::to_string(line) + ", but " +
            std::to_string(block.exited) + " threads of its block have returned");
    if (block.at_barrier == 0) {
        block.barrier_kind = kind;
        block.barrier_first = &self;
    } else if (block.barrier_first->line != line || block.barrier_kind != kind) {
        const Thread& t = *block.barrier_first;
        abandon(Failure::launch_failed, where() + " waits in " + names[kind] + " on line " + std::to_string(line) + ", but thread " +
            std::to_string(t.number) + " of its block in " + t.waits_in + " on line " + std::to_string(t.line) + ": divergent barrier");
    }
    self.value = value;
    self.line = line;
    self.waits_in = names[kind];
    self.mask = 0;
    if (++block.at_barrier < block.threads.size()) {
        self.state = State::at_barrier;
        wait();
        return self.value;
    }
    int count = 0, all = (int)block.threads.size();
    for (const Thread& t : block.threads) count += t.value;
    int result = kind == EMULATOR_BARRIER_OR ? count != 0 : kind == EMULATOR_BARRIER_AND ? count == all : count;
    for (unsigned number : block.order) {
        Thread& t = block.threads[number];
        t.value = result;
        t.state = State::running;
        if (&t != &self) block.ready.push(&t);
    }
    block.at_barrier = 0;
    return result;
}

// ---- warps ----

static void finish(Warp& warp, size_t i, unsigned first_thread) {
    Meeting meeting = warp.meetings[i];
    warp.meetings.erase(warp.meetings.begin() + (long)i);
    meeting.complete(meeting.slots, meeting.present);
    for (unsigned lane = 0; lane < 32; lane++) {
        if (!(meeting.present >> lane & 1)) continue;
        Thread& t = block.threads[first_thread + lane];
        if (t.state != State::in_warp) continue; // the last to arrive never waited
        t.state = State::running;
        block.ready.push(&t);
    }
}

void finish_meetings(Warp& warp, unsigned first_thread) {
    for (size_t i = 0; i < warp.meetings.size();)
        if ((warp.meetings[i].mask & warp.live) == warp.meetings[i].present) finish(warp, i, first_thread);
        else i++;
}

static void meet(const char* what, unsigned mask, void* slot, EmulatorComplete complete, int line) {
    Thread& self = *block.current;
    Warp& warp = block.warps[self.number / 32];
    unsigned lane = self.number & 31, first_thread = self.number & ~31u;
    if (!(mask >> lane & 1))
        abandon(Failure::launch_failed, where() + ": " + what + " on line " + std::to_string(line) + " with a mask that leaves out the caller's lane");
    size_t i = 0;
    while (i < warp.meetings.size() && (warp.meetings[i].mask != mask || warp.meetings[i].complete != complete || strcmp(warp.meetings[i].what, what) != 0)) i++;
    if (i == warp.meetings.size()) warp.meetings.push_back(Meeting{what, mask, 0, complete, {}});
    Meeting& meeting = warp.meetings[i];
    meeting.present |= 1u << lane;
    meeting.slots[lane] = slot;
    self.waits_in = what;
    self.mask = mask;
    self.line = line;
    if (meeting.present != (mask & warp.live)) {
        self.state = State::in_warp;
        wait();
    } else {
        finish(warp, i, first_thread); // this lane is running, so it is not made ready, and goes on
    }
}

// ---- asynchronous copies ----

static bool is_shared(const char* address) {
    const EmulatorModule& m = *block.launch->module;
    bool in_static = address >= m.shared_begin && address + 16 <= m.shared_end;
    bool in_dynamic = address >= (char*)m.dynamic_shared && address + 16 <= (char*)m.dynamic_shared + block.launch->dynamic_shared;
    return in_static || in_dynamic || m.shared_begin == nullptr;
}

static void copy_async(void* shared, const void* global, int bytes, int line) {
    Thread& self = *block.current;
    std::string problem;
    if (bytes < 0 || bytes > 16) problem = std::to_string(bytes) + " bytes";
    else if ((uintptr_t)shared % 16 != 0) problem = "a destination that is not 16-byte aligned";
    else if (bytes > 0 && (uintptr_t)global % 16 != 0) problem = "a source that is not 16-byte aligned";
    else if (!is_shared((char*)shared)) problem = "a destination that is not shared memory";
    if (!problem.empty()) abandon(Failure::misaligned_address, where() + ": asynchronous copy on line " + std::to_string(line) + " with " + problem);
    memset(shared, 0xFF, 16); // undefined until the wait
    self.copies.push_back(Copy{shared, global, bytes, self.copy_group});
}

static void copy_commit() { block.current->copy_group++; }

static void copy_wait(int pending) {
    Thread& self = *block.current;
    size_t done = 0;
    for (; done < self.copies.size() && self.copies[done].group < self.copy_group - pending; done++) {
        const Copy& c = self.copies[done];
        memcpy(c.to, c.from, (size_t)c.bytes);
        memset((char*)c.to + c.bytes, 0, (size_t)(16 - c.bytes));
    }
    self.copies.erase(self.copies.begin(), self.copies.begin() + (long)done);
}

// ---- checks the compiler put into the kernel ----

static void misaligned(const char* file, unsigned line, const void* address) {
    char text[32];
    snprintf(text, sizeof text, "%p", address);
    abandon(Failure::misaligned_address, where() + ": misaligned access to " + text + ", " + file + ":" + std::to_string(line));
}

static void fail(const char* file, unsigned line, const char* text) {
    abandon(Failure::launch_failed, where() + ": " + text + ", " + file + ":" + std::to_string(line));
}

void fill_services(EmulatorModule& module) {
    module.barrier = barrier;
    module.meet = meet;
    module.copy_async = copy_async;
    module.copy_commit = copy_commit;
    module.copy_wait = copy_wait;
    module.misaligned = misaligned;
    module.fail = fail;
}

}
