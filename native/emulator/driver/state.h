// The driver's objects. One lock guards all of them; a handle is the object's address, looked up before it is used.
#pragma once
#include "../emulator_runtime.h"
#include "memory.h"
#include "settings.h"
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

namespace emulator {

struct Device;
struct Stream;

// Work given to a stream. It runs on the executing thread, and returns what the device's context is to fail with from then on.
typedef std::function<CUresult(Device&)> Work;

// A point in a stream: everything up to work number `number`.
struct Point {
    std::shared_ptr<Stream> stream;
    uint64_t number = 0;
};

struct Graph {
    Device* device;
    std::vector<Work> nodes;
    bool invalid = false; // something was called that a recording cannot hold
};

struct Stream {
    Device* device;
    bool blocking; // waits for the default stream, and is waited for
    std::deque<Work> pending;
    uint64_t given = 0, done = 0;
    std::shared_ptr<Graph> capture;
};

struct Event {
    Device* device;
    bool timed, captured = false;
    Point recorded;
    std::shared_ptr<double> seconds; // when the point was reached
};

struct Pool {
    Device* device;
    uint64_t threshold = 0, used = 0, reserved = 0, used_high = 0, reserved_high = 0; // bytes
    bool destroyed = false; // its memory then goes back as it is freed
};

struct Module {
    Device* device;
    int file = -1;
    void* library = nullptr;
    EmulatorModule* state;
    size_t static_shared;
    bool loaded = true;
    ~Module();
};

struct Function {
    std::shared_ptr<Module> module;
    std::string name;
    const EmulatorKernel* kernel;
    size_t max_dynamic_shared;
};

template <class T> class Handles {
public:
    T* add(std::shared_ptr<T> object) {
        T* handle = object.get();
        objects_[handle] = std::move(object);
        return handle;
    }
    std::shared_ptr<T> get(const void* handle) const {
        auto found = objects_.find(handle);
        return found == objects_.end() ? nullptr : found->second;
    }
    std::shared_ptr<T> remove(const void* handle) {
        auto found = get(handle);
        objects_.erase(handle);
        return found;
    }
    template <class Predicate> void remove_where(Predicate of) {
        for (auto i = objects_.begin(); i != objects_.end();) i = of(*i->second) ? objects_.erase(i) : std::next(i);
    }
    template <class Action> void each(Action action) {
        for (auto& [handle, object] : objects_) action(object);
    }

private:
    std::unordered_map<const void*, std::shared_ptr<T>> objects_;
};

// A device and its primary context, which is its only one.
struct Device {
    int ordinal;
    int retained = 0;
    CUresult failed = CUDA_SUCCESS; // once something failed while executing, everything returns it until the context is gone
    size_t total = 0, used = 0;
    std::unique_ptr<DeviceMemory> memory;
    std::shared_ptr<Stream> default_stream;
    std::vector<std::shared_ptr<Stream>> streams; // destroyed ones too, while they have work
};

extern std::recursive_mutex& gate;
extern Device (&devices)[most_devices];
extern Handles<Stream>& streams;
extern Handles<Event>& events;
extern Handles<Pool>& pools;
extern Handles<Module>& modules;
extern Handles<Function>& functions;
extern Handles<Graph>& graphs;
extern Handles<Graph>& executables;
extern thread_local Device* current;

// ---- work ----

void give(const std::shared_ptr<Stream>& stream, Work work); // to execute later, or to record
Work waiting_for(Point point);
CUresult run_until(Device& device, Point point);
CUresult run_all(Device& device);
CUresult run_one(Device& device, const std::shared_ptr<Stream>& stream); // the oldest, if there is any
std::shared_ptr<Stream> stream_of(void* handle);            // of the current device; null if it is not one
CUresult refuse_capture(Stream& stream);                    // what it cannot record ends a recording
bool captures(Device& device);                              // whether a stream of it is recording
void shrink_pools(Device& device);                          // what synchronising does

// ---- the frame of every call ----

CUresult call_any(const char* name, const std::function<CUresult()>& body);            // needs no context
CUresult call(const char* name, const std::function<CUresult(Device&)>& body);         // needs one that has not failed
CUresult call_release(const char* name, const std::function<CUresult(Device&)>& body); // frees even when it has failed

void report_failure(Device& device, CUresult code, const std::string& text);

}
