#include "worker.h"
#include "state.h"
#include <condition_variable>
#include <csignal>
#include <pthread.h>
#include <sys/mman.h>

namespace emulator {

void catch_faults();

// Never destroyed: at the end of the process the thread still waits here.
static std::mutex& lock = *new std::mutex;
static std::condition_variable& changed = *new std::condition_variable;
static const std::function<void()>* task;
static Device* target;
static pthread_t thread;

static void allow(Device& device, unsigned rights) {
    if (device.memory != nullptr && device.memory->key() >= 0) pkey_set(device.memory->key(), rights);
}

static void* run(void*) {
    catch_faults();
    std::unique_lock<std::mutex> hold(lock);
    for (;;) {
        changed.wait(hold, [] { return task != nullptr; });
        allow(*target, 0);
        (*task)();
        allow(*target, PKEY_DISABLE_ACCESS);
        task = nullptr;
        changed.notify_all();
    }
    return nullptr;
}

static void start() {
    // The process's other signals are for its own threads.
    sigset_t all, before;
    sigfillset(&all);
    for (int s : {SIGSEGV, SIGBUS, SIGFPE, SIGILL}) sigdelset(&all, s);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    if (pthread_create(&thread, nullptr, run, nullptr) != 0) abort();
    pthread_detach(thread);
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

// Called with the gate held, so there is one task at a time.
void execute(Device& device, const std::function<void()>& action) {
    static bool started = (start(), true);
    (void)started;
    if (pthread_equal(pthread_self(), thread)) { // work that waits for another device's
        allow(device, 0);
        action();
        if (&device != target) allow(device, PKEY_DISABLE_ACCESS);
        return;
    }
    std::unique_lock<std::mutex> hold(lock);
    task = &action;
    target = &device;
    changed.notify_all();
    changed.wait(hold, [] { return task == nullptr; });
}

}
