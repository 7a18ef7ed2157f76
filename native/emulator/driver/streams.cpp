// Execution. Work is done as late as the rules allow: when someone waits for it or asks whether it is done. A program that forgets to wait
// therefore reads what was there before, every time, and not only on an unlucky day.
#include "state.h"
#include "worker.h"

namespace emulator {

// Never destroyed: the program's other threads may still call when its main thread ends.
std::recursive_mutex& gate = *new std::recursive_mutex;
Device (&devices)[most_devices] = *(Device (*)[most_devices])new Device[most_devices]();
Handles<Stream>& streams = *new Handles<Stream>;
Handles<Event>& events = *new Handles<Event>;
Handles<Pool>& pools = *new Handles<Pool>;
Handles<Module>& modules = *new Handles<Module>;
Handles<Function>& functions = *new Handles<Function>;
Handles<Graph>& graphs = *new Handles<Graph>;
Handles<Graph>& executables = *new Handles<Graph>;
thread_local Device* current;

static void enqueue(Stream& stream, Work work) {
    stream.pending.push_back(std::move(work));
    stream.given++;
}

static Point tail(const std::shared_ptr<Stream>& stream) { return {stream, stream->given}; }

void give(const std::shared_ptr<Stream>& stream, Work work) {
    if (stream->capture != nullptr) {
        stream->capture->nodes.push_back(std::move(work));
        return;
    }
    Device& device = *stream->device;
    if (stream == device.default_stream) {
        for (auto& other : device.streams)
            if (other->blocking && other != stream && other->done < other->given) enqueue(*stream, waiting_for(tail(other)));
    } else if (stream->blocking && device.default_stream->done < device.default_stream->given) {
        enqueue(*stream, waiting_for(tail(device.default_stream)));
    }
    enqueue(*stream, std::move(work));
}

// On the executing thread. After a failure the rest is dropped: it counts as done, so that nobody waits for ever.
static void advance(Stream& stream, uint64_t number) {
    while (stream.done < number) {
        Work work = std::move(stream.pending.front());
        stream.pending.pop_front();
        if (stream.device->failed == CUDA_SUCCESS) {
            CUresult result = work(*stream.device);
            if (result != CUDA_SUCCESS && stream.device->failed == CUDA_SUCCESS) stream.device->failed = result;
        }
        stream.done++;
    }
}

Work waiting_for(Point point) {
    return [point](Device& device) {
        if (point.stream->device == &device) advance(*point.stream, point.number);
        else run_until(*point.stream->device, point);
        return CUDA_SUCCESS;
    };
}

CUresult run_until(Device& device, Point point) {
    if (point.stream != nullptr && point.stream->done < point.number) execute(device, [&] { advance(*point.stream, point.number); });
    return device.failed;
}

CUresult run_one(Device& device, const std::shared_ptr<Stream>& stream) {
    if (stream->done < stream->given) execute(device, [&] { advance(*stream, stream->done + 1); });
    return device.failed;
}

CUresult run_all(Device& device) {
    auto all = device.streams;
    for (auto& stream : all) run_until(device, tail(stream));
    std::vector<std::shared_ptr<Stream>> kept;
    for (auto& stream : device.streams)
        if (stream == device.default_stream || streams.get(stream.get()) != nullptr) kept.push_back(stream);
    device.streams = kept;
    return device.failed;
}

std::shared_ptr<Stream> stream_of(void* handle) {
    if ((uintptr_t)handle <= 2) return current->default_stream; // 0, and the two handles that also mean it
    auto stream = streams.get(handle);
    return stream != nullptr && stream->device == current ? stream : nullptr;
}

CUresult refuse_capture(Stream& stream) {
    stream.capture->invalid = true;
    return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
}

bool captures(Device& device) {
    for (auto& stream : device.streams)
        if (stream->capture != nullptr) return true;
    return false;
}

// ---- the frame of every call ----

// Whether a failure with this code is the context's for good.
static bool stays(int code) {
    bool in_execution = code >= 700 && code < 720 && code != CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES;
    return in_execution || code == CUDA_ERROR_ECC_UNCORRECTABLE || code == CUDA_ERROR_UNKNOWN;
}

CUresult call_any(const char* name, const std::function<CUresult()>& body) {
    std::lock_guard<std::recursive_mutex> hold(gate);
    if (int code = injected_failure(name, current == nullptr ? -1 : current->ordinal)) {
        if (current != nullptr && stays(code)) current->failed = (CUresult)code;
        return (CUresult)code;
    }
    try {
        return body();
    } catch (const std::bad_alloc&) {
        return CUDA_ERROR_OUT_OF_MEMORY;
    }
}

CUresult call(const char* name, const std::function<CUresult(Device&)>& body) {
    return call_any(name, [&] {
        if (current == nullptr || current->retained == 0) return CUDA_ERROR_INVALID_CONTEXT;
        return current->failed != CUDA_SUCCESS ? current->failed : body(*current);
    });
}

CUresult call_release(const char* name, const std::function<CUresult(Device&)>& body) {
    return call_any(name, [&] {
        if (current == nullptr || current->retained == 0) return CUDA_ERROR_INVALID_CONTEXT;
        CUresult failed = current->failed, result = body(*current);
        return failed != CUDA_SUCCESS ? failed : result;
    });
}

void report_failure(Device& device, CUresult code, const std::string& text) {
    publish("device " + std::to_string(device.ordinal) + ": " + text);
    if (device.failed == CUDA_SUCCESS) device.failed = code;
}

}
