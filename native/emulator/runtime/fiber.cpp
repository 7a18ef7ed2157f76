#include "fiber.h"
#include <cstdint>
#include <new>
#include <sys/mman.h>

// The System V ABI keeps rbx, rbp and r12 to r15 over a call; nothing else has to be saved.
__asm__(R"(
    .text
    .globl ogong_switch
    .hidden ogong_switch
    .type ogong_switch, @function
ogong_switch:
    push %rbp
    push %rbx
    push %r12
    push %r13
    push %r14
    push %r15
    mov %rsp, (%rdi)
    mov %rsi, %rsp
    .globl ogong_resume
    .hidden ogong_resume
ogong_resume:
    pop %r15
    pop %r14
    pop %r13
    pop %r12
    pop %rbx
    pop %rbp
    ret
    .size ogong_switch, . - ogong_switch
)");

namespace emulator {

Fiber* FiberPool::take() {
    if (!idle_.empty()) {
        taken_ = idle_.back();
        idle_.pop_back();
        return taken_;
    }
    char* base = (char*)mmap(nullptr, guard_bytes + stack_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (base == MAP_FAILED || mprotect(base, guard_bytes, PROT_NONE) != 0) throw std::bad_alloc();
    // Tops at different distances from the page's end, or all of them would share the same few lines of the cache.
    size_t colour = all_.size() % 64 * 64;
    taken_ = new Fiber{nullptr, base + guard_bytes, base + guard_bytes + stack_bytes - colour};
    begin(taken_);
    all_.push_back(taken_);
    return taken_;
}

void FiberPool::give(Fiber* fiber) { idle_.push_back(fiber); }

void FiberPool::reset() {
    idle_ = all_;
    for (Fiber* fiber : all_) begin(fiber);
}

bool FiberPool::guards(const void* address) const {
    for (const Fiber* fiber : all_)
        if (address >= fiber->stack_begin - guard_bytes && address < fiber->stack_begin) return true;
    return false;
}

// Lays out the stack as ogong_switch leaves one: six registers, then the address to return to, then what an entry point finds at its top.
void FiberPool::begin(Fiber* fiber) {
    void** top = (void**)fiber->stack_end;
    *--top = nullptr; // keeps rsp + 8 a multiple of 16 at the entry, as after a call
    *--top = (void*)entry_;
    for (int i = 0; i < 6; i++) *--top = nullptr;
    fiber->stack_pointer = top;
}

}
