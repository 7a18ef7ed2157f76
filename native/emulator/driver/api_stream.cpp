// Streams, events, recording and replaying.
#include "state.h"
#include <chrono>

using namespace emulator;

static CUresult for_stream(const char* name, void* handle, const std::function<CUresult(Device&, const std::shared_ptr<Stream>&)>& body) {
    return call(name, [&](Device& d) {
        auto stream = stream_of(handle);
        return stream == nullptr ? CUDA_ERROR_INVALID_HANDLE : body(d, stream);
    });
}

EXPORT CUresult cuStreamCreate(Stream** stream, unsigned flags) {
    return call("cuStreamCreate", [&](Device& d) {
        constexpr unsigned non_blocking = 1;
        if (flags > non_blocking) return CUDA_ERROR_INVALID_VALUE;
        auto made = std::make_shared<Stream>(Stream{&d, flags != non_blocking, {}, 0, 0, nullptr});
        d.streams.push_back(made);
        return *stream = streams.add(made), CUDA_SUCCESS;
    });
}

// Work it still has is done later, as on a device.
EXPORT CUresult cuStreamDestroy_v2(void* handle) {
    return call_release("cuStreamDestroy", [&](Device&) { return streams.remove(handle) == nullptr ? CUDA_ERROR_INVALID_HANDLE : CUDA_SUCCESS; });
}

EXPORT CUresult cuStreamSynchronize(void* handle) {
    return for_stream("cuStreamSynchronize", handle, [](Device& d, const std::shared_ptr<Stream>& stream) {
        if (stream->capture != nullptr) return refuse_capture(*stream);
        CUresult result = run_until(d, Point{stream, stream->given});
        shrink_pools(d);
        return result;
    });
}

// Asking does one piece of work, so that a program that polls gets on, and sees "not ready" on its way.
EXPORT CUresult cuStreamQuery(void* handle) {
    return for_stream("cuStreamQuery", handle, [](Device& d, const std::shared_ptr<Stream>& stream) {
        if (stream->capture != nullptr) return refuse_capture(*stream);
        CUresult result = run_one(d, stream);
        return result == CUDA_SUCCESS && stream->done < stream->given ? CUDA_ERROR_NOT_READY : result;
    });
}

EXPORT CUresult cuStreamWaitEvent(void* handle, void* event, unsigned) {
    return for_stream("cuStreamWaitEvent", handle, [&](Device&, const std::shared_ptr<Stream>& stream) {
        auto e = events.get(event);
        if (e == nullptr) return CUDA_ERROR_INVALID_HANDLE;
        if (e->captured) return stream->capture != nullptr ? CUDA_SUCCESS : CUDA_ERROR_CAPTURED_EVENT; // one stream records, and it is in order
        if (stream->capture != nullptr) {
            stream->capture->invalid = true;
            return CUDA_ERROR_STREAM_CAPTURE_ISOLATION;
        }
        if (e->recorded.stream != nullptr) give(stream, waiting_for(e->recorded));
        return CUDA_SUCCESS;
    });
}

// ---- events ----

static CUresult for_event(const char* name, void* handle, const std::function<CUresult(Device&, Event&)>& body) {
    return call(name, [&](Device& d) {
        auto event = events.get(handle);
        return event == nullptr ? CUDA_ERROR_INVALID_HANDLE : event->captured ? CUDA_ERROR_CAPTURED_EVENT : body(d, *event);
    });
}

EXPORT CUresult cuEventCreate(Event** event, unsigned flags) {
    return call("cuEventCreate", [&](Device& d) {
        constexpr unsigned blocking_sync = 1, disable_timing = 2;
        if ((flags & ~(blocking_sync | disable_timing)) != 0) return CUDA_ERROR_INVALID_VALUE;
        auto made = std::make_shared<Event>();
        made->device = &d;
        made->timed = (flags & disable_timing) == 0;
        return *event = events.add(made), CUDA_SUCCESS;
    });
}

EXPORT CUresult cuEventDestroy_v2(void* handle) {
    return call_release("cuEventDestroy", [&](Device&) { return events.remove(handle) == nullptr ? CUDA_ERROR_INVALID_HANDLE : CUDA_SUCCESS; });
}

EXPORT CUresult cuEventRecord(void* handle, void* on) {
    return for_stream("cuEventRecord", on, [&](Device& d, const std::shared_ptr<Stream>& stream) {
        auto event = events.get(handle);
        if (event == nullptr || event->device != &d) return CUDA_ERROR_INVALID_HANDLE;
        event->captured = stream->capture != nullptr;
        if (event->captured) return CUDA_SUCCESS;
        auto seconds = std::make_shared<double>(0);
        give(stream, [seconds](Device&) {
            *seconds = std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
            return CUDA_SUCCESS;
        });
        event->seconds = seconds;
        event->recorded = Point{stream, stream->given};
        return CUDA_SUCCESS;
    });
}

static bool reached(const Point& p) { return p.stream == nullptr || p.stream->done >= p.number; }

EXPORT CUresult cuEventQuery(void* handle) {
    return for_event("cuEventQuery", handle, [](Device&, Event& e) {
        if (reached(e.recorded)) return e.device->failed;
        CUresult result = run_one(*e.device, e.recorded.stream);
        return result == CUDA_SUCCESS && !reached(e.recorded) ? CUDA_ERROR_NOT_READY : result;
    });
}

EXPORT CUresult cuEventSynchronize(void* handle) {
    return for_event("cuEventSynchronize", handle, [](Device&, Event& e) {
        CUresult result = run_until(*e.device, e.recorded);
        shrink_pools(*e.device);
        return result;
    });
}

EXPORT CUresult cuEventElapsedTime(float* milliseconds, void* start, void* end) {
    return for_event("cuEventElapsedTime", start, [&](Device&, Event& from) {
        auto to = events.get(end);
        if (to == nullptr || !from.timed || !to->timed || from.seconds == nullptr || to->seconds == nullptr) return CUDA_ERROR_INVALID_HANDLE;
        if (!reached(from.recorded) || !reached(to->recorded)) return CUDA_ERROR_NOT_READY;
        *milliseconds = (float)((*to->seconds - *from.seconds) * 1e3);
        return CUDA_SUCCESS;
    });
}

// ---- recording: a stream in order, so a graph is a list ----

EXPORT CUresult cuStreamBeginCapture_v2(void* handle, int mode) {
    return for_stream("cuStreamBeginCapture", handle, [&](Device& d, const std::shared_ptr<Stream>& stream) {
        if (mode < 0 || mode > 2 || stream->capture != nullptr) return CUDA_ERROR_INVALID_VALUE;
        if (stream == d.default_stream) return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
        stream->capture = std::make_shared<Graph>();
        stream->capture->device = &d;
        return CUDA_SUCCESS;
    });
}

EXPORT CUresult cuStreamEndCapture(void* handle, Graph** graph) {
    *graph = nullptr;
    return for_stream("cuStreamEndCapture", handle, [&](Device&, const std::shared_ptr<Stream>& stream) {
        auto recorded = std::move(stream->capture);
        stream->capture = nullptr;
        if (recorded == nullptr) return CUDA_ERROR_STREAM_CAPTURE_UNMATCHED;
        if (recorded->invalid) return CUDA_ERROR_STREAM_CAPTURE_INVALIDATED;
        return *graph = graphs.add(recorded), CUDA_SUCCESS;
    });
}

EXPORT CUresult cuGraphInstantiateWithFlags(Graph** executable, void* handle, unsigned long long flags) {
    return call("cuGraphInstantiateWithFlags", [&](Device&) {
        auto graph = graphs.get(handle);
        if (graph == nullptr) return CUDA_ERROR_INVALID_HANDLE;
        if (flags != 0) return CUDA_ERROR_INVALID_VALUE;
        return *executable = executables.add(std::make_shared<Graph>(*graph)), CUDA_SUCCESS;
    });
}

EXPORT CUresult cuGraphLaunch(void* handle, void* on) {
    return for_stream("cuGraphLaunch", on, [&](Device& d, const std::shared_ptr<Stream>& stream) {
        auto executable = executables.get(handle);
        if (executable == nullptr || executable->device != &d) return CUDA_ERROR_INVALID_HANDLE;
        for (const Work& node : executable->nodes) give(stream, node);
        return CUDA_SUCCESS;
    });
}

EXPORT CUresult cuGraphExecDestroy(void* handle) {
    return call_release("cuGraphExecDestroy", [&](Device&) { return executables.remove(handle) == nullptr ? CUDA_ERROR_INVALID_HANDLE : CUDA_SUCCESS; });
}

EXPORT CUresult cuGraphDestroy(void* handle) {
    return call_release("cuGraphDestroy", [&](Device&) { return graphs.remove(handle) == nullptr ? CUDA_ERROR_INVALID_HANDLE : CUDA_SUCCESS; });
}
