#include "memory.h"
#include <cstring>
#include <new>
#include <sys/mman.h>

namespace emulator {

// Protection keys (pkeys(7)), where the processor has them: a thread may touch a device's memory only after it allowed itself to. Only the
// thread that executes does, for the device whose turn it is; the host program and kernels of another device fault. Without them they do not.
DeviceMemory::DeviceMemory(int device) : device_(device), key_(pkey_alloc(0, PKEY_DISABLE_ACCESS)) {
    begin_ = (char*)mmap(nullptr, range_bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (begin_ == MAP_FAILED) throw std::bad_alloc();
    end_ = begin_ + range_bytes;
    next_ = begin_ + gap;
}

DeviceMemory::~DeviceMemory() {
    munmap(begin_, range_bytes);
    if (key_ >= 0) pkey_free(key_);
}

static size_t round_up(size_t n, size_t to) { return (n + to - 1) / to * to; }

Allocation* DeviceMemory::reserve(size_t bytes, const char* made_by) {
    size_t pages = round_up(bytes, page);
    if (bytes > range_bytes || pages + gap > (size_t)(end_ - next_)) return nullptr;
    Allocation a;
    a.number = ++count_;
    a.pages = next_;
    a.pages_end = next_ + pages;
    a.base = a.pages_end - round_up(bytes, alignment); // the end lies at most 255 bytes before a page that faults
    a.bytes = bytes;
    a.made_by = made_by;
    next_ = a.pages_end + gap;
    return &(allocations_[a.pages] = a);
}

bool DeviceMemory::map(Allocation* a) {
    size_t bytes = (size_t)(a->pages_end - a->pages);
    if (mmap(a->pages, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0) == MAP_FAILED) return false;
    memset(a->pages, 0xFF, bytes);
    if (key_ >= 0 && pkey_mprotect(a->pages, bytes, PROT_READ | PROT_WRITE, key_) != 0) return false;
    a->mapped = true;
    mapped_.insert(a);
    return true;
}

void DeviceMemory::unmap(Allocation* a) {
    // A new mapping, unlike mprotect, gives the pages back and merges with its neighbours.
    if (a->mapped) mmap(a->pages, (size_t)(a->pages_end - a->pages), PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0);
    mapped_.erase(a);
    a->mapped = false;
    a->freed = true;
}

Allocation* DeviceMemory::find(const void* address) {
    auto after = allocations_.upper_bound((const char*)address);
    if (after == allocations_.begin()) return nullptr;
    Allocation& a = std::prev(after)->second;
    return !a.freed && address >= a.base && address < a.base + a.bytes ? &a : nullptr;
}

Allocation* DeviceMemory::at(const void* base) {
    Allocation* a = find(base);
    return a != nullptr && a->base == base ? a : nullptr;
}

static std::string name(const Allocation& a) {
    return "allocation " + std::to_string(a.number) + " (" + std::to_string(a.bytes) + " bytes, " + a.made_by + ")";
}

std::string DeviceMemory::describe(const void* address, bool write) const {
    std::string access = write ? "write " : "read ", of = " of device " + std::to_string(device_);
    const char* at = (const char*)address;
    auto after = allocations_.upper_bound(at);
    const Allocation* before = after == allocations_.begin() ? nullptr : &std::prev(after)->second;
    if (before != nullptr && at < before->base + before->bytes) {
        std::string offset = "at offset " + std::to_string(at - before->base);
        if (before->freed) return access + offset + of + "'s freed " + name(*before);
        if (!before->mapped) return access + offset + of + "'s " + name(*before) + " before its stream made it";
        return access + offset + of + "'s " + name(*before) + ", which this kernel's device cannot reach";
    }
    // In a gap: say what is nearer.
    bool nearer_after = after != allocations_.end() && (before == nullptr || after->second.base - at < at - (before->base + before->bytes));
    if (nearer_after)
        return access + std::to_string(after->second.base - at) + " bytes before the beginning" + of + "'s " + name(after->second);
    if (before == nullptr) return access + "of memory that was never allocated" + of;
    return access + std::to_string(at - (before->base + before->bytes)) + " bytes past the end" + of + "'s " + (before->freed ? "freed " : "") + name(*before);
}

// What lies between an allocation and the ends of its pages still holds the byte it was filled with. (256 bytes are looked at below it.)
std::string DeviceMemory::damage(const Allocation& a) const {
    for (const char* p = a.base + a.bytes; p < a.pages_end; p++)
        if (*p != (char)0xFF)
            return std::to_string(p - (a.base + a.bytes)) + " bytes past the end of device " + std::to_string(device_) + "'s " + name(a);
    for (const char* p = a.base; p-- > a.pages && a.base - p <= 256;)
        if (*p != (char)0xFF) return std::to_string(a.base - p) + " bytes before the beginning of device " + std::to_string(device_) + "'s " + name(a);
    return {};
}

std::string DeviceMemory::damaged() const {
    for (const Allocation* a : mapped_) {
        std::string text = damage(*a);
        if (!text.empty()) return text;
    }
    return {};
}

}
