// Memory, pools and copies.
#include "state.h"
#include "worker.h"
#include <cstring>
#include <map>
#include <sys/mman.h>

using namespace emulator;

// ---- what there is ----

namespace emulator {

void shrink_pools(Device& device) {
    pools.each([&](const std::shared_ptr<Pool>& p) {
        if (p->device != &device) return;
        uint64_t keep = p->used > p->threshold ? p->used : p->threshold;
        if (p->reserved <= keep) return;
        device.used -= p->reserved - keep;
        p->reserved = keep;
    });
}

}

// Whether the device has room for what is needed. Before it says no, whatever is waiting to be freed is freed, as the driver does.
static bool has_room(Device& device, const std::function<uint64_t()>& needed) {
    auto fits = [&] { return needed() <= device.total - device.used; };
    if (fits()) return true;
    run_all(device);
    shrink_pools(device);
    return fits();
}

static bool take_from_pool(Device& device, Pool& pool, size_t bytes) {
    auto missing = [&]() -> uint64_t { return pool.used + bytes > pool.reserved ? pool.used + bytes - pool.reserved : 0; };
    if (!has_room(device, missing)) return false;
    device.used += missing();
    pool.reserved += missing();
    pool.used += bytes;
    if (pool.used > pool.used_high) pool.used_high = pool.used;
    if (pool.reserved > pool.reserved_high) pool.reserved_high = pool.reserved;
    return true;
}

static void give_back(Device& device, Allocation* a) {
    if (a->pool != nullptr) a->pool->used -= a->bytes;
    if (a->pool != nullptr && a->pool->destroyed) a->pool->reserved -= a->bytes;
    if (a->pool == nullptr || a->pool->destroyed) device.used -= a->bytes;
    device.memory->unmap(a);
}

EXPORT CUresult cuMemGetInfo_v2(size_t* free, size_t* total) {
    return call("cuMemGetInfo", [&](Device& d) {
        *total = d.total;
        *free = d.total - d.used;
        return CUDA_SUCCESS;
    });
}

EXPORT CUresult cuMemAlloc_v2(CUdeviceptr* address, size_t bytes) {
    return call("cuMemAlloc", [&](Device& d) {
        if (bytes == 0) return CUDA_ERROR_INVALID_VALUE;
        if (!has_room(d, [&] { return bytes; })) return CUDA_ERROR_OUT_OF_MEMORY;
        Allocation* a = d.memory->reserve(bytes, "cuMemAlloc");
        if (a == nullptr || !d.memory->map(a)) return CUDA_ERROR_OUT_OF_MEMORY;
        d.used += bytes;
        return *address = (CUdeviceptr)a->base, CUDA_SUCCESS;
    });
}

// A write past an allocation's end that hit no inaccessible page is found when its memory goes, if no kernel's end found it.
static CUresult free_now(Device& d, Allocation* a) {
    std::string damage = a->mapped ? d.memory->damage(*a) : std::string();
    give_back(d, a);
    if (damage.empty()) return CUDA_SUCCESS;
    report_failure(d, CUDA_ERROR_ILLEGAL_ADDRESS, "found when it was freed: something was written " + damage);
    return CUDA_ERROR_ILLEGAL_ADDRESS;
}

EXPORT CUresult cuMemFree_v2(CUdeviceptr address) {
    return call_release("cuMemFree", [&](Device& d) {
        if (address == 0) return CUDA_SUCCESS;
        Allocation* a = d.memory->at((void*)address);
        if (a == nullptr) return CUDA_ERROR_INVALID_VALUE;
        run_all(d); // the driver waits for the device, too
        CUresult result = CUDA_SUCCESS;
        execute(d, [&] { result = free_now(d, a); });
        return result;
    });
}

// ---- pools ----

// CUmemPoolProps, as far as it is read.
struct PoolProperties {
    int allocation, handles, location, device;
};

EXPORT CUresult cuMemPoolCreate(Pool** pool, const PoolProperties* properties) {
    return call("cuMemPoolCreate", [&](Device&) {
        constexpr int pinned = 1, on_device = 1;
        if (properties->allocation != pinned || properties->location != on_device || properties->handles != 0) return CUDA_ERROR_INVALID_VALUE;
        if (properties->device < 0 || properties->device >= settings().devices) return CUDA_ERROR_INVALID_VALUE;
        auto made = std::make_shared<Pool>();
        made->device = &devices[properties->device];
        return *pool = pools.add(made), CUDA_SUCCESS;
    });
}

EXPORT CUresult cuMemPoolDestroy(void* handle) {
    return call_release("cuMemPoolDestroy", [&](Device&) {
        auto pool = pools.remove(handle);
        if (pool == nullptr) return CUDA_ERROR_INVALID_HANDLE;
        pool->destroyed = true;
        pool->device->used -= pool->reserved - pool->used;
        pool->reserved = pool->used;
        return CUDA_SUCCESS;
    });
}

EXPORT CUresult cuMemPoolTrimTo(void* handle, size_t keep) {
    return call("cuMemPoolTrimTo", [&](Device&) {
        auto pool = pools.get(handle);
        if (pool == nullptr) return CUDA_ERROR_INVALID_HANDLE;
        uint64_t least = keep > pool->used ? keep : pool->used;
        if (pool->reserved > least) {
            pool->device->used -= pool->reserved - least;
            pool->reserved = least;
        }
        return CUDA_SUCCESS;
    });
}

enum PoolAttribute { release_threshold = 4, reserved_current, reserved_high, used_current, used_high };

EXPORT CUresult cuMemPoolSetAttribute(void* handle, int attribute, const uint64_t* value) {
    return call("cuMemPoolSetAttribute", [&](Device&) {
        auto pool = pools.get(handle);
        if (pool == nullptr) return CUDA_ERROR_INVALID_HANDLE;
        if (attribute == release_threshold) pool->threshold = *value;
        else if (attribute == reserved_high && *value == 0) pool->reserved_high = pool->reserved;
        else if (attribute == used_high && *value == 0) pool->used_high = pool->used;
        else return CUDA_ERROR_INVALID_VALUE;
        return CUDA_SUCCESS;
    });
}

EXPORT CUresult cuMemPoolGetAttribute(void* handle, int attribute, uint64_t* value) {
    return call("cuMemPoolGetAttribute", [&](Device&) {
        auto pool = pools.get(handle);
        if (pool == nullptr) return CUDA_ERROR_INVALID_HANDLE;
        switch (attribute) {
            case release_threshold: *value = pool->threshold; break;
            case reserved_current: *value = pool->reserved; break;
            case reserved_high: *value = pool->reserved_high; break;
            case used_current: *value = pool->used; break;
            case used_high: *value = pool->used_high; break;
            default: return CUDA_ERROR_INVALID_VALUE;
        }
        return CUDA_SUCCESS;
    });
}

EXPORT CUresult cuMemAllocFromPoolAsync(CUdeviceptr* address, size_t bytes, void* handle, void* stream) {
    return call("cuMemAllocFromPoolAsync", [&](Device& d) {
        auto pool = pools.get(handle);
        auto on = stream_of(stream);
        if (pool == nullptr || on == nullptr || pool->device != &d) return CUDA_ERROR_INVALID_HANDLE;
        if (bytes == 0) return CUDA_ERROR_INVALID_VALUE;
        if (on->capture != nullptr) return refuse_capture(*on);
        if (bytes > d.total || !take_from_pool(d, *pool, bytes)) return CUDA_ERROR_OUT_OF_MEMORY;
        Allocation* a = d.memory->reserve(bytes, "cuMemAllocFromPoolAsync");
        if (a == nullptr) return CUDA_ERROR_OUT_OF_MEMORY;
        a->pool = pool;
        give(on, [a](Device& device) { return device.memory->map(a) ? CUDA_SUCCESS : CUDA_ERROR_OUT_OF_MEMORY; });
        return *address = (CUdeviceptr)a->base, CUDA_SUCCESS;
    });
}

EXPORT CUresult cuMemFreeAsync(CUdeviceptr address, void* stream) {
    return call_release("cuMemFreeAsync", [&](Device& d) {
        auto on = stream_of(stream);
        Allocation* a = d.memory->at((void*)address);
        if (on == nullptr) return CUDA_ERROR_INVALID_HANDLE;
        if (a == nullptr || a->free_given) return CUDA_ERROR_INVALID_VALUE;
        if (on->capture != nullptr) return refuse_capture(*on);
        a->free_given = true;
        give(on, [a](Device& device) { return free_now(device, a); });
        return CUDA_SUCCESS;
    });
}

// ---- pinned host memory ----

static std::map<const char*, size_t> pinned;

static bool is_pinned(const void* address, size_t bytes) {
    auto after = pinned.upper_bound((const char*)address);
    if (after == pinned.begin()) return false;
    auto& [base, length] = *std::prev(after);
    return (const char*)address + bytes <= base + length;
}

EXPORT CUresult cuMemHostAlloc(void** address, size_t bytes, unsigned) {
    return call("cuMemHostAlloc", [&](Device&) {
        if (bytes == 0) return CUDA_ERROR_INVALID_VALUE;
        void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (memory == MAP_FAILED) return CUDA_ERROR_OUT_OF_MEMORY;
        memset(memory, 0xFF, bytes);
        pinned[(const char*)memory] = bytes;
        return *address = memory, CUDA_SUCCESS;
    });
}

EXPORT CUresult cuMemFreeHost(void* address) {
    return call_release("cuMemFreeHost", [&](Device& d) {
        auto found = pinned.find((const char*)address);
        if (found == pinned.end()) return CUDA_ERROR_INVALID_VALUE;
        run_all(d);
        munmap(address, found->second);
        pinned.erase(found);
        return CUDA_SUCCESS;
    });
}

// ---- copies ----

static bool inside(Device& d, CUdeviceptr address, size_t bytes) {
    Allocation* a = d.memory->find((void*)address);
    return a != nullptr && bytes <= a->bytes - (size_t)((char*)address - a->base);
}

// Whether the range is there when the copy's turn comes.
static CUresult check(Device& d, const char* name, CUdeviceptr address, size_t bytes, bool write) {
    Allocation* a = inside(d, address, bytes) ? d.memory->find((void*)address) : nullptr;
    if (a != nullptr && a->mapped) return CUDA_SUCCESS;
    report_failure(d, CUDA_ERROR_ILLEGAL_ADDRESS, std::string(name) + ": " + d.memory->describe((void*)address, write));
    return CUDA_ERROR_ILLEGAL_ADDRESS;
}

static CUresult copy(const char* name, void* stream, CUdeviceptr write_to, CUdeviceptr read_from, size_t bytes, std::function<void()> action, bool wait) {
    return call(name, [&](Device& d) {
        auto on = stream_of(stream);
        if (on == nullptr) return CUDA_ERROR_INVALID_HANDLE;
        if (bytes == 0) return CUDA_SUCCESS;
        if ((write_to != 0 && !inside(d, write_to, bytes)) || (read_from != 0 && !inside(d, read_from, bytes))) return CUDA_ERROR_INVALID_VALUE;
        give(on, [=](Device& device) {
            CUresult result = write_to == 0 ? CUDA_SUCCESS : check(device, name, write_to, bytes, true);
            if (result == CUDA_SUCCESS && read_from != 0) result = check(device, name, read_from, bytes, false);
            if (result == CUDA_SUCCESS) action();
            return result;
        });
        return wait && on->capture == nullptr ? run_until(d, Point{on, on->given}) : CUDA_SUCCESS;
    });
}

// From pinned memory the bytes are read when the copy happens. Others are staged before the call returns.
EXPORT CUresult cuMemcpyHtoDAsync_v2(CUdeviceptr to, const void* from, size_t bytes, void* stream) {
    std::lock_guard<std::recursive_mutex> hold(gate);
    auto on = current == nullptr ? nullptr : stream_of(stream);
    if (is_pinned(from, bytes) || on == nullptr || on->capture != nullptr)
        return copy("cuMemcpyHtoDAsync", stream, to, 0, bytes, [=] { memcpy((void*)to, from, bytes); }, false);
    auto staged = std::make_shared<std::string>((const char*)from, bytes);
    return copy("cuMemcpyHtoDAsync", stream, to, 0, bytes, [=] { memcpy((void*)to, staged->data(), bytes); }, false);
}

// Into memory that is not pinned, the call waits for the copy.
EXPORT CUresult cuMemcpyDtoHAsync_v2(void* to, CUdeviceptr from, size_t bytes, void* stream) {
    std::lock_guard<std::recursive_mutex> hold(gate);
    return copy("cuMemcpyDtoHAsync", stream, 0, from, bytes, [=] { memcpy(to, (void*)from, bytes); }, !is_pinned(to, bytes));
}

EXPORT CUresult cuMemcpyDtoDAsync_v2(CUdeviceptr to, CUdeviceptr from, size_t bytes, void* stream) {
    return copy("cuMemcpyDtoDAsync", stream, to, from, bytes, [=] { memmove((void*)to, (void*)from, bytes); }, false);
}

EXPORT CUresult cuMemcpyHtoD_v2(CUdeviceptr to, const void* from, size_t bytes) {
    return copy("cuMemcpyHtoD", nullptr, to, 0, bytes, [=] { memcpy((void*)to, from, bytes); }, true);
}

EXPORT CUresult cuMemcpyDtoH_v2(void* to, CUdeviceptr from, size_t bytes) {
    return copy("cuMemcpyDtoH", nullptr, 0, from, bytes, [=] { memcpy(to, (void*)from, bytes); }, true);
}

EXPORT CUresult cuMemsetD8Async(CUdeviceptr to, unsigned char value, size_t bytes, void* stream) {
    return copy("cuMemsetD8Async", stream, to, 0, bytes, [=] { memset((void*)to, value, bytes); }, false);
}

EXPORT CUresult cuMemsetD32Async(CUdeviceptr to, unsigned value, size_t count, void* stream) {
    if (to % 4 != 0) return CUDA_ERROR_INVALID_VALUE;
    return copy("cuMemsetD32Async", stream, to, 0, count * 4, [=] { for (size_t i = 0; i < count; i++) ((unsigned*)to)[i] = value; }, false);
}
