// A device's memory: a range of addresses nothing else uses, in which every allocation lies alone between inaccessible pages.
#pragma once
#include "types.h"
#include <map>
#include <memory>
#include <set>
#include <string>

namespace emulator {

struct Allocation {
    unsigned long number;
    char* base;
    size_t bytes;
    const char* made_by;       // the call
    char *pages, *pages_end;   // what is mapped
    bool mapped = false, free_given = false, freed = false;
    std::shared_ptr<struct Pool> pool; // it came from, if any
};

class DeviceMemory {
public:
    explicit DeviceMemory(int device);
    ~DeviceMemory();

    bool contains(const void* address) const { return address >= begin_ && address < end_; }
    Allocation* reserve(size_t bytes, const char* made_by); // addresses; null when there are none left
    bool map(Allocation* a);                                // makes them usable, all bytes 0xFF
    void unmap(Allocation* a);                              // makes them fault; they are not used again
    Allocation* find(const void* address);                  // live, containing it
    Allocation* at(const void* base);                       // live, beginning there
    std::string describe(const void* address, bool write) const;
    std::string damaged() const;                            // which allocation was written past its ends, or nothing
    std::string damage(const Allocation& a) const;
    int key() const { return key_; }                        // of memory protection, or -1

private:
    static constexpr size_t range_bytes = (size_t)1 << 42, page = 4096, gap = 64 << 10, alignment = 256;

    int device_, key_;
    char *begin_, *end_, *next_;
    unsigned long count_ = 0;
    std::map<const char*, Allocation> allocations_; // by first page; freed ones too, to say what an address was
    std::set<const Allocation*> mapped_;
};

}
