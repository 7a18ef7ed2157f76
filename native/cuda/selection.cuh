// What the operations on logits share: the order of tokens as integers, a row cut into parts, and the scores of sampling.
//   order   logit descending, then id ascending, −0 = +0: as one integer, the higher key first; keys are distinct
//   part    4096 consecutive token ids = 16 chunks, one block of 256 threads; a launch has rows × parts blocks
// Whatever threads combine in no fixed order is an integer (keys by maximum, weights by sum), so every result is the same on every run.
#pragma once
#include "common.cuh"

#define PART 4096
#define PART_THREADS 256
#define PER_THREAD (PART / PART_THREADS)

struct SamplingRow {
    u64 seed, top_p; // top_p: 32.32 fixed point; 2^32 and above mean none
    float temperature;
    int top_k, position, reserved;
};

// ---- order ----

// A float's bits, ascending as unsigned integers; −0 and +0 are one.
__device__ __forceinline__ unsigned ascending_bits(float x) {
    unsigned bits = __float_as_uint(x);
    if (bits == 0x80000000u) bits = 0u;
    return bits & 0x80000000u ? ~bits : bits | 0x80000000u;
}

// Never 0, because ids are below 2^31.
__device__ __forceinline__ u64 order_key(float x, unsigned id) { return (u64)ascending_bits(x) << 32 | (unsigned)~id; }
__device__ __forceinline__ unsigned key_id(u64 key) { return ~(unsigned)key; }
__device__ __forceinline__ float key_value(u64 key) {
    unsigned ascending = (unsigned)(key >> 32);
    return __uint_as_float(ascending & 0x80000000u ? ascending & 0x7FFFFFFFu : ~ascending);
}

__device__ __forceinline__ u64 later(u64 a, u64 b) { return a < b ? a : b; }
__device__ __forceinline__ u64 earlier(u64 a, u64 b) { return a > b ? a : b; }

// The first key of the order over a block of whole warps; thread 0 gets it.
__device__ __forceinline__ u64 block_first(u64 key, u64* warps /* shared [32] */) {
    for (int m = 16; m > 0; m /= 2) key = earlier(key, __shfl_xor_sync(0xFFFFFFFFu, key, m));
    if (threadIdx.x % 32 == 0) warps[threadIdx.x / 32] = key;
    __syncthreads();
    if (threadIdx.x == 0)
        for (unsigned warp = 1; warp < blockDim.x / 32; warp++) key = earlier(key, warps[warp]);
    return key;
}

// Sorts count keys, a power of two, first of the order first (bitonic; Batcher 1968). The whole block calls it.
__device__ __forceinline__ void block_sort(u64* keys /* shared */, unsigned count) {
    for (unsigned size = 2; size <= count; size *= 2)
        for (unsigned stride = size / 2; stride > 0; stride /= 2) {
            __syncthreads();
            for (unsigned i = threadIdx.x; i < count / 2; i += blockDim.x) {
                unsigned a = 2 * i - (i & (stride - 1)), b = a + stride;
                u64 x = keys[a], y = keys[b];
                if ((x < y) == ((a & size) == 0)) {
                    keys[a] = y;
                    keys[b] = x;
                }
            }
        }
    __syncthreads();
}

// ---- sampling ----

// What sample_keep decides about a row, and what the blocks of the operation that follows agree on.
struct RowState {
    u64 threshold; // a token is kept iff its key is at least this
    u64 best;      // order_key(score, id) of the best kept token so far
    u64 lowest;    // the last kept key so far
    u64 arrived;   // blocks that have finished
};

__device__ __forceinline__ bool is_greedy(const SamplingRow& row) { return !(row.temperature > 0.0f); }

// t = div(l, T), or l when greedy
__device__ __forceinline__ float scaled(float logit, const SamplingRow& row) { return is_greedy(row) ? logit : div_rn(logit, row.temperature); }

#define GUMBEL_BOUND 17.0f // above every value of g: −log(−log(1 − 2^−24)) is 16.64

// u = mul(add(float(w >> 9), 0.5), 2^−23), g = −log(−log(u))
__device__ __forceinline__ float gumbel(u64 seed, unsigned token, int position) {
    unsigned w = philox(seed, token, (unsigned)position, 0x474D424Cu, 0u).x;
    float u = mul(add(__uint2float_rn(w >> 9), 0.5f), __uint_as_float(0x34000000u));
    return -exact_log(-exact_log(u));
}

// add(t, g), or l when greedy
__device__ __forceinline__ float score(float logit, unsigned token, const SamplingRow& row) {
    return is_greedy(row) ? logit : add(scaled(logit, row), gumbel(row.seed, token, row.position));
}

// The best score among the kept tokens of a part as order_key(score, id), merged into the row's state by every block. A token that its largest possible noise
// leaves behind a score already known has none drawn: rounding is monotonic. Which tokens those are may differ from run to run, the best of all cannot.
// True in thread 0 of the row's last block, which then sees what all blocks found. LOWEST: also the last kept key.
template <bool LOWEST>
__device__ __forceinline__ bool choose(const float* logits, const SamplingRow& row, RowState* state, unsigned part, int parts, int vocabulary, u64* warps /* shared [64] */) {
    u64 best = 0, lowest = ~0ull, threshold = state->threshold;
    float known = key_value(state->best);
    if (!is_greedy(row)) {
        #pragma unroll 4
        for (int i = 0; i < PER_THREAD; i++) {
            unsigned id = part * PART + i * PART_THREADS + threadIdx.x;
            if (id >= (unsigned)vocabulary) break;
            float logit = logits[id];
            u64 key = order_key(logit, id);
            if (key < threshold) continue;
            if (LOWEST) lowest = later(lowest, key);
            float t = scaled(logit, row);
            if (add(t, GUMBEL_BOUND) < known) continue;
            best = earlier(best, order_key(add(t, gumbel(row.seed, id, row.position)), id));
        }
        best = block_first(best, warps);
        if (LOWEST) lowest = ~block_first(~lowest, warps + 32);
    }
    if (threadIdx.x != 0) return false;
    if (best != 0) atomicMax(&state->best, best);
    if (LOWEST) atomicMin(&state->lowest, lowest);
    __threadfence();
    bool last = atomicAdd(&state->arrived, 1ull) == (u64)parts - 1;
    __threadfence();
    return last;
}
