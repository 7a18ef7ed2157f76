// Turns a memory fault of a kernel into a report. The process may be a .NET runtime with a handler of its own (it makes
// NullReferenceException of such faults), so only faults of the emulator's thread inside a kernel are taken; all others go to whoever was there before.
#include "block.h"
#include <csignal>
#include <cstring>
#include <pthread.h>
#include <ucontext.h>

namespace emulator {

Fault fault;

static pthread_t kernel_thread;
static volatile bool has_kernel_thread;
static const int signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL};
static struct sigaction previous[4];

static void pass_on(int which, int signal, siginfo_t* info, void* context) {
    const struct sigaction& p = previous[which];
    if (p.sa_flags & SA_SIGINFO) p.sa_sigaction(signal, info, context);
    else if (p.sa_handler == SIG_DFL) {
        sigaction(signal, &p, nullptr); // the instruction faults again and ends the process
    } else if (p.sa_handler != SIG_IGN) p.sa_handler(signal);
}

static void handle(int signal, siginfo_t* info, void* context) {
    bool ours = has_kernel_thread && pthread_equal(pthread_self(), kernel_thread) && block.current != nullptr && fault.signal == 0;
    if (!ours) {
        for (int i = 0; i < 4; i++)
            if (signals[i] == signal) pass_on(i, signal, info, context);
        return;
    }
    ucontext_t* u = (ucontext_t*)context;
    fault.signal = signal;
    fault.address = info->si_addr;
    fault.write = (u->uc_mcontext.gregs[REG_ERR] & 2) != 0;
    // Returning from the signal continues run_grid where it switched to the block.
    u->uc_mcontext.gregs[REG_RSP] = (greg_t)block.host_stack;
    u->uc_mcontext.gregs[REG_RIP] = (greg_t)&ogong_resume;
}

void catch_faults() {
    // The fault may be that a fiber's stack is full, so the handler needs one of its own.
    static char signal_stack[64 << 10];
    stack_t alternate = {signal_stack, 0, sizeof signal_stack};
    sigaltstack(&alternate, nullptr);
    kernel_thread = pthread_self();
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_sigaction = handle;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    for (int i = 0; i < 4; i++) sigaction(signals[i], &action, &previous[i]);
    has_kernel_thread = true;
}

Outcome describe_fault() {
    std::string at = where() + ": ";
    const char* address = (const char*)fault.address;
    const EmulatorModule& m = *block.launch->module;
    const char* shared_end = (const char*)m.dynamic_shared + block.launch->dynamic_shared;
    std::string access = fault.write ? "write to " : "read from ";
    char hex[32];
    snprintf(hex, sizeof hex, "%p", (const void*)address);
    if (fault.signal == SIGFPE) return {Failure::launch_failed, at + "integer division by zero"};
    if (fault.signal == SIGILL) return {Failure::launch_failed, at + "illegal instruction"};
    if (fibers.guards(address)) return {Failure::launch_failed, at + "the local variables of a thread take more than " + std::to_string(FiberPool::stack_bytes) + " bytes"};
    if (address >= shared_end && address < shared_end + (64 << 10))
        return {Failure::illegal_address, at + access + "byte " + std::to_string(address - (const char*)m.dynamic_shared) +
            " of dynamic shared memory, which has " + std::to_string(block.launch->dynamic_shared)};
    if (owns_address != nullptr && owns_address(address)) return {Failure::illegal_address, at + describe_address(address, fault.write)};
    if (address == nullptr) return {Failure::illegal_address, at + "access through a null pointer, or one that is not aligned"};
    return {Failure::illegal_address, at + access + hex + ", which is no device memory"};
}

}
