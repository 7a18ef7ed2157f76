// The scheduler. A fiber runs threads until one has to wait; then whoever is ready continues, or the next thread starts on another fiber.
// So a kernel that never waits runs all its threads as a loop on a single fiber.
#include "block.h"

namespace emulator {

Block block;
FiberPool fibers(run_threads);

void abandon(Failure failure, std::string report) {
    block.outcome = {failure, std::move(report)};
    void* never;
    ogong_switch(&never, block.host_stack);
    __builtin_unreachable();
}

static void enter(Thread* thread) {
    EmulatorModule& module = *block.launch->module;
    block.current = thread;
    module.thread = thread->index;
    module.lane = thread->number & 31;
    thread->state = State::running;
}

static void hand_over_to_ready(Fiber* from) {
    Thread* next = block.ready.pop();
    enter(next);
    if (next->fiber != from) ogong_switch(&from->stack_pointer, next->fiber->stack_pointer);
}

void wait() {
    Fiber* self = block.current->fiber;
    if (!block.ready.empty()) {
        hand_over_to_ready(self);
    } else if (block.started < block.threads.size()) {
        Fiber* other = fibers.take();
        ogong_switch(&self->stack_pointer, other->stack_pointer);
    } else {
        report_deadlock();
    }
}

static void exit_thread(Thread* thread) {
    thread->state = State::exited;
    block.exited++;
    if (block.at_barrier != 0) {
        const Thread& t = *block.barrier_first;
        abandon(Failure::launch_failed, where() + " returned while others wait in " + t.waits_in + " on line " + std::to_string(t.line));
    }
    Warp& warp = block.warps[thread->number / 32];
    warp.live &= ~(1u << (thread->number & 31));
    if (!warp.meetings.empty()) finish_meetings(warp, thread->number & ~31u);
}

void run_threads() {
    Fiber* self = fibers.taken();
    for (;;) {
        Thread* thread = &block.threads[block.order[block.started++]];
        thread->fiber = self;
        enter(thread);
        block.launch->run(block.launch->arguments);
        exit_thread(thread);
        if (!block.ready.empty()) {
            fibers.give(self);
            hand_over_to_ready(self); // comes back when a thread is to be started here
        } else if (block.started == block.threads.size()) {
            if (block.exited != block.threads.size()) report_deadlock();
            fibers.give(self);
            ogong_switch(&self->stack_pointer, block.host_stack); // comes back with the next block
        }
    }
}

// ---- reports ----

static std::string text(EmulatorIndex i) {
    return "(" + std::to_string(i.x) + ", " + std::to_string(i.y) + ", " + std::to_string(i.z) + ")";
}

std::string where() {
    std::string s = "kernel " + block.launch->kernel + ", block " + text(block.index);
    return block.current == nullptr ? s : s + ", thread " + text(block.current->index);
}

void report_deadlock() {
    block.current = nullptr;
    std::string s = where() + ": no thread can go on.";
    auto same = [](const Thread& a, const Thread& b) {
        return a.state == b.state && (a.state == State::exited || (a.line == b.line && a.mask == b.mask && a.waits_in == b.waits_in));
    };
    for (size_t first = 0, last; first < block.threads.size(); first = last + 1) {
        const Thread& t = block.threads[first];
        for (last = first; last + 1 < block.threads.size() && same(t, block.threads[last + 1]);) last++;
        s += " Threads " + std::to_string(first) + " to " + std::to_string(last);
        if (t.state == State::exited) {
            s += " returned.";
            continue;
        }
        s += std::string(" wait in ") + t.waits_in + " on line " + std::to_string(t.line);
        if (t.state == State::in_warp) {
            char mask[16];
            snprintf(mask, sizeof mask, "0x%08X", t.mask);
            s += std::string(" with mask ") + mask;
        }
        s += ".";
    }
    abandon(Failure::launch_failed, s);
}

}
