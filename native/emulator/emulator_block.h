// What the threads of a block do together: barriers, shuffles, votes, atomics. Threads are fibers of one operating system thread, so
// nothing here needs a lock; a thread that waits hands over to the next, and one that would wait for ever is reported with its line.
#pragma once

// ---- barriers ----

static inline void __syncthreads(int line = __builtin_LINE()) { emulator_module.barrier(EMULATOR_BARRIER, 0, line); }
static inline int __syncthreads_or(int predicate, int line = __builtin_LINE()) { return emulator_module.barrier(EMULATOR_BARRIER_OR, predicate != 0, line); }
static inline int __syncthreads_and(int predicate, int line = __builtin_LINE()) { return emulator_module.barrier(EMULATOR_BARRIER_AND, predicate != 0, line); }
static inline int __syncthreads_count(int predicate, int line = __builtin_LINE()) { return emulator_module.barrier(EMULATOR_BARRIER_COUNT, predicate != 0, line); }

static inline void __threadfence() { __asm__ volatile("" ::: "memory"); }
static inline void __threadfence_block() { __asm__ volatile("" ::: "memory"); }
static inline void __threadfence_system() { __asm__ volatile("" ::: "memory"); }

static inline void emulator_complete_nothing(void* const*, unsigned) {}
static inline void __syncwarp(unsigned mask = 0xFFFFFFFFu, int line = __builtin_LINE()) {
    emulator_module.meet("__syncwarp", mask, nullptr, emulator_complete_nothing, line);
}

// ---- shuffles ----

struct EmulatorShuffle {
    unsigned long long value, result;
    int source;
};

static inline void emulator_complete_shuffle(void* const slots[32], unsigned present) {
    for (int lane = 0; lane < 32; lane++) {
        if (!(present >> lane & 1)) continue;
        EmulatorShuffle* s = (EmulatorShuffle*)slots[lane];
        // The value of a lane that takes no part is undefined: ones, which a float reads as NaN.
        s->result = present >> s->source & 1 ? ((EmulatorShuffle*)slots[s->source])->value : ~0ull;
    }
}

template <class T> static inline T emulator_shuffle(const char* what, unsigned mask, T value, int source, int line) {
    static_assert(sizeof(T) == 4 || sizeof(T) == 8, "shuffles move 4 or 8 bytes");
    EmulatorShuffle s = {0, 0, source};
    __builtin_memcpy(&s.value, &value, sizeof value);
    emulator_module.meet(what, mask, &s, emulator_complete_shuffle, line);
    __builtin_memcpy(&value, &s.result, sizeof value);
    return value;
}

// Lanes form segments of `width`, a power of two. A source outside the segment is the lane itself.
template <class T> static inline T __shfl_sync(unsigned mask, T value, int source, int width = 32, int line = __builtin_LINE()) {
    int lane = (int)emulator_module.lane;
    return emulator_shuffle("__shfl_sync", mask, value, (lane & -width) | (source & (width - 1)), line);
}
template <class T> static inline T __shfl_up_sync(unsigned mask, T value, unsigned delta, int width = 32, int line = __builtin_LINE()) {
    int lane = (int)emulator_module.lane, source = lane - (int)delta;
    return emulator_shuffle("__shfl_up_sync", mask, value, source >= (lane & -width) ? source : lane, line);
}
template <class T> static inline T __shfl_down_sync(unsigned mask, T value, unsigned delta, int width = 32, int line = __builtin_LINE()) {
    int lane = (int)emulator_module.lane, source = lane + (int)delta;
    return emulator_shuffle("__shfl_down_sync", mask, value, source <= (lane | (width - 1)) ? source : lane, line);
}
template <class T> static inline T __shfl_xor_sync(unsigned mask, T value, int bits, int width = 32, int line = __builtin_LINE()) {
    int lane = (int)emulator_module.lane, source = lane ^ bits;
    return emulator_shuffle("__shfl_xor_sync", mask, value, source <= (lane | (width - 1)) ? source : lane, line);
}

// ---- votes ----

struct EmulatorVote {
    unsigned predicate, result, present;
};

static inline void emulator_complete_vote(void* const slots[32], unsigned present) {
    unsigned ballot = 0;
    for (int lane = 0; lane < 32; lane++)
        if (present >> lane & 1) ballot |= (((EmulatorVote*)slots[lane])->predicate != 0 ? 1u : 0u) << lane;
    for (int lane = 0; lane < 32; lane++) {
        if (!(present >> lane & 1)) continue;
        ((EmulatorVote*)slots[lane])->result = ballot;
        ((EmulatorVote*)slots[lane])->present = present;
    }
}

static inline EmulatorVote emulator_vote(const char* what, unsigned mask, int predicate, int line) {
    EmulatorVote vote = {(unsigned)predicate, 0, 0};
    emulator_module.meet(what, mask, &vote, emulator_complete_vote, line);
    return vote;
}
static inline unsigned __ballot_sync(unsigned mask, int predicate, int line = __builtin_LINE()) { return emulator_vote("__ballot_sync", mask, predicate, line).result; }
static inline int __any_sync(unsigned mask, int predicate, int line = __builtin_LINE()) { return emulator_vote("__any_sync", mask, predicate, line).result != 0; }
static inline int __all_sync(unsigned mask, int predicate, int line = __builtin_LINE()) {
    EmulatorVote vote = emulator_vote("__all_sync", mask, predicate, line);
    return vote.result == vote.present;
}

// ---- atomics: on integers only, because the order of float additions would show ----

#define EMULATOR_ATOMIC(name, type, expression) \
    static inline type name(type* address, type value) { \
        type old = *address; \
        *address = (expression); \
        return old; \
    }
#define EMULATOR_ATOMICS(type) \
    EMULATOR_ATOMIC(atomicAdd, type, (type)(old + value)) \
    EMULATOR_ATOMIC(atomicMin, type, value < old ? value : old) \
    EMULATOR_ATOMIC(atomicMax, type, old < value ? value : old) \
    EMULATOR_ATOMIC(atomicExch, type, value) \
    EMULATOR_ATOMIC(atomicOr, type, old | value) \
    EMULATOR_ATOMIC(atomicAnd, type, old & value) \
    static inline type atomicCAS(type* address, type compare, type value) { \
        type old = *address; \
        if (old == compare) *address = value; \
        return old; \
    }
EMULATOR_ATOMICS(int)
EMULATOR_ATOMICS(unsigned)
EMULATOR_ATOMICS(unsigned long long)

[[noreturn]] static inline void __trap(int line = __builtin_LINE()) {
    emulator_module.fail("kernel", (unsigned)line, "__trap");
    __builtin_unreachable();
}
