// Driver, devices, contexts, errors.
#include "state.h"
#include <cstring>

using namespace emulator;

static bool initialised;

EXPORT CUresult cuInit(unsigned flags) {
    return call_any("cuInit", [&] {
        if (flags != 0) return CUDA_ERROR_INVALID_VALUE;
        initialised = true;
        return CUDA_SUCCESS;
    });
}

EXPORT CUresult cuDriverGetVersion(int* version) {
    return call_any("cuDriverGetVersion", [&] { return *version = 12040, CUDA_SUCCESS; });
}

static CUresult for_device(const char* name, int device, const std::function<CUresult(Device&)>& body) {
    return call_any(name, [&] {
        if (!initialised) return CUDA_ERROR_NOT_INITIALIZED;
        if (device < 0 || device >= settings().devices) return CUDA_ERROR_INVALID_DEVICE;
        devices[device].ordinal = device;
        return body(devices[device]);
    });
}

EXPORT CUresult cuDeviceGetCount(int* count) {
    return call_any("cuDeviceGetCount", [&] {
        if (!initialised) return CUDA_ERROR_NOT_INITIALIZED;
        return *count = settings().devices, CUDA_SUCCESS;
    });
}

EXPORT CUresult cuDeviceGet(int* device, int ordinal) {
    return for_device("cuDeviceGet", ordinal, [&](Device&) { return *device = ordinal, CUDA_SUCCESS; });
}

EXPORT CUresult cuDeviceGetName(char* name, int length, int device) {
    return for_device("cuDeviceGetName", device, [&](Device&) {
        if (length <= 0) return CUDA_ERROR_INVALID_VALUE;
        strncpy(name, "Ogong emulated device", (size_t)length);
        name[length - 1] = 0;
        return CUDA_SUCCESS;
    });
}

EXPORT CUresult cuDeviceGetUuid_v2(unsigned char* uuid, int device) {
    return for_device("cuDeviceGetUuid", device, [&](Device&) {
        memcpy(uuid, "ogong-emulated-", 15);
        uuid[15] = (unsigned char)('0' + device);
        return CUDA_SUCCESS;
    });
}

EXPORT CUresult cuDeviceTotalMem_v2(size_t* bytes, int device) {
    return for_device("cuDeviceTotalMem", device, [&](Device&) { return *bytes = settings().memory, CUDA_SUCCESS; });
}

// CUdevice_attribute: a small device with the limits of compute capability 9.0.
EXPORT CUresult cuDeviceGetAttribute(int* value, int attribute, int device) {
    return for_device("cuDeviceGetAttribute", device, [&](Device&) {
        switch (attribute) {
            case 1: case 2: case 3: *value = 1024; break;                        // threads of a block; its x and y
            case 4: *value = 64; break;                                          // z of a block
            case 5: *value = 0x7FFFFFFF; break;                                  // x of a grid
            case 6: case 7: *value = 65535; break;
            case 8: *value = 48 << 10; break;                                    // shared memory of a block
            case 10: *value = 32; break;                                         // warp
            case 12: case 82: *value = 65536; break;                             // registers of a block, of a multiprocessor
            case 13: *value = 1000000; break;                                    // clock, kHz
            case 16: *value = 4; break;                                          // multiprocessors
            case 31: *value = 1; break;                                          // kernels may run at the same time
            case 36: *value = 1000000; break;                                    // memory clock, kHz
            case 37: *value = 512; break;                                        // bus width
            case 38: *value = 4 << 20; break;                                    // second-level cache
            case 39: *value = 2048; break;                                       // threads of a multiprocessor
            case 41: *value = 1; break;                                          // one address space with the host
            case 75: *value = settings().capability / 10; break;
            case 76: *value = settings().capability % 10; break;
            case 81: *value = 228 << 10; break;                                  // shared memory of a multiprocessor
            case 97: *value = 227 << 10; break;                                  // of a block that opts in
            case 106: *value = 32; break;                                        // blocks of a multiprocessor
            case 111: *value = 1 << 10; break;                                   // shared memory the system keeps of a block
            case 115: *value = 1; break;                                         // memory pools
            default: return CUDA_ERROR_INVALID_VALUE;
        }
        return CUDA_SUCCESS;
    });
}

// ---- contexts: a handle is the device's address ----

EXPORT CUresult cuDevicePrimaryCtxRetain(void** context, int device) {
    return for_device("cuDevicePrimaryCtxRetain", device, [&](Device& d) {
        if (d.retained++ == 0) {
            d.failed = CUDA_SUCCESS;
            d.total = settings().memory;
            d.used = 0;
            d.memory = std::make_unique<DeviceMemory>(device);
            d.default_stream = std::make_shared<Stream>(Stream{&d, true, {}, 0, 0, nullptr});
            d.streams = {d.default_stream};
        }
        return *context = &d, CUDA_SUCCESS;
    });
}

// The last release destroys the context with all it owns, and with it a failure.
static CUresult release(Device& d) {
    if (d.retained == 0) return CUDA_ERROR_INVALID_CONTEXT;
    if (--d.retained != 0) return CUDA_SUCCESS;
    run_all(d);
    auto of_device = [&](const auto& object) { return object.device == &d; };
    executables.remove_where([&](const Graph& g) { return g.device == &d; });
    graphs.remove_where([&](const Graph& g) { return g.device == &d; });
    for (auto& stream : d.streams) stream->pending.clear();
    d.streams.clear();
    d.default_stream = nullptr;
    streams.remove_where(of_device);
    events.remove_where(of_device);
    pools.remove_where(of_device);
    functions.remove_where([&](const Function& f) { return f.module->device == &d; });
    modules.remove_where(of_device);
    d.memory = nullptr;
    d.failed = CUDA_SUCCESS;
    return CUDA_SUCCESS;
}

EXPORT CUresult cuDevicePrimaryCtxRelease_v2(int device) { return for_device("cuDevicePrimaryCtxRelease", device, release); }

EXPORT CUresult cuCtxSetCurrent(void* context) {
    return call_any("cuCtxSetCurrent", [&] {
        if (context == nullptr) return current = nullptr, CUDA_SUCCESS;
        for (Device& d : devices)
            if (&d == context && d.retained > 0) return current = &d, CUDA_SUCCESS;
        return CUDA_ERROR_INVALID_CONTEXT;
    });
}

EXPORT CUresult cuCtxGetCurrent(void** context) {
    return call_any("cuCtxGetCurrent", [&] { return *context = current, CUDA_SUCCESS; });
}

EXPORT CUresult cuCtxSynchronize() {
    return call("cuCtxSynchronize", [](Device& d) {
        if (captures(d)) return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
        CUresult result = run_all(d);
        shrink_pools(d);
        return result;
    });
}

// As when a device falls off its bus: everything that is asked of it from now on fails with the code.
EXPORT int ogong_emulator_lose_device(int device, int code) {
    std::lock_guard<std::recursive_mutex> hold(gate);
    if (device < 0 || device >= settings().devices || devices[device].retained == 0) return 1;
    devices[device].failed = (CUresult)code;
    return 0;
}

// ---- errors ----

static const struct {
    int code;
    const char *name, *text;
} errors[] = {
    {CUDA_SUCCESS, "CUDA_SUCCESS", "no error"},
    {CUDA_ERROR_INVALID_VALUE, "CUDA_ERROR_INVALID_VALUE", "invalid argument"},
    {CUDA_ERROR_OUT_OF_MEMORY, "CUDA_ERROR_OUT_OF_MEMORY", "out of memory"},
    {CUDA_ERROR_NOT_INITIALIZED, "CUDA_ERROR_NOT_INITIALIZED", "initialization error"},
    {CUDA_ERROR_DEVICE_UNAVAILABLE, "CUDA_ERROR_DEVICE_UNAVAILABLE", "the device is busy or unavailable"},
    {CUDA_ERROR_NO_DEVICE, "CUDA_ERROR_NO_DEVICE", "no CUDA-capable device is detected"},
    {CUDA_ERROR_INVALID_DEVICE, "CUDA_ERROR_INVALID_DEVICE", "invalid device ordinal"},
    {CUDA_ERROR_INVALID_IMAGE, "CUDA_ERROR_INVALID_IMAGE", "device kernel image is invalid"},
    {CUDA_ERROR_INVALID_CONTEXT, "CUDA_ERROR_INVALID_CONTEXT", "invalid device context"},
    {CUDA_ERROR_NO_BINARY_FOR_GPU, "CUDA_ERROR_NO_BINARY_FOR_GPU", "no kernel image is available for execution on the device"},
    {CUDA_ERROR_ECC_UNCORRECTABLE, "CUDA_ERROR_ECC_UNCORRECTABLE", "uncorrectable ECC error encountered"},
    {CUDA_ERROR_INVALID_HANDLE, "CUDA_ERROR_INVALID_HANDLE", "invalid resource handle"},
    {CUDA_ERROR_NOT_FOUND, "CUDA_ERROR_NOT_FOUND", "named symbol not found"},
    {CUDA_ERROR_NOT_READY, "CUDA_ERROR_NOT_READY", "device not ready"},
    {CUDA_ERROR_ILLEGAL_ADDRESS, "CUDA_ERROR_ILLEGAL_ADDRESS", "an illegal memory access was encountered"},
    {CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES, "CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES", "too many resources requested for launch"},
    {CUDA_ERROR_LAUNCH_TIMEOUT, "CUDA_ERROR_LAUNCH_TIMEOUT", "the launch timed out and was terminated"},
    {CUDA_ERROR_ILLEGAL_INSTRUCTION, "CUDA_ERROR_ILLEGAL_INSTRUCTION", "an illegal instruction was encountered"},
    {CUDA_ERROR_MISALIGNED_ADDRESS, "CUDA_ERROR_MISALIGNED_ADDRESS", "misaligned address"},
    {CUDA_ERROR_LAUNCH_FAILED, "CUDA_ERROR_LAUNCH_FAILED", "unspecified launch failure"},
    {CUDA_ERROR_NOT_SUPPORTED, "CUDA_ERROR_NOT_SUPPORTED", "operation not supported"},
    {CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, "CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED", "operation not permitted when stream is capturing"},
    {CUDA_ERROR_STREAM_CAPTURE_INVALIDATED, "CUDA_ERROR_STREAM_CAPTURE_INVALIDATED", "operation failed due to a previous error during capture"},
    {CUDA_ERROR_STREAM_CAPTURE_UNMATCHED, "CUDA_ERROR_STREAM_CAPTURE_UNMATCHED", "capture was not initiated in this stream"},
    {CUDA_ERROR_STREAM_CAPTURE_ISOLATION, "CUDA_ERROR_STREAM_CAPTURE_ISOLATION", "dependency created on uncaptured work in another stream"},
    {CUDA_ERROR_CAPTURED_EVENT, "CUDA_ERROR_CAPTURED_EVENT", "operation not permitted on an event last recorded in a capturing stream"},
    {CUDA_ERROR_UNKNOWN, "CUDA_ERROR_UNKNOWN", "unknown error"},
};

EXPORT CUresult cuGetErrorName(int error, const char** name) {
    for (auto& e : errors)
        if (e.code == error) return *name = e.name, CUDA_SUCCESS;
    return *name = nullptr, CUDA_ERROR_INVALID_VALUE;
}

EXPORT CUresult cuGetErrorString(int error, const char** text) {
    for (auto& e : errors)
        if (e.code == error) return *text = e.text, CUDA_SUCCESS;
    return *text = nullptr, CUDA_ERROR_INVALID_VALUE;
}
