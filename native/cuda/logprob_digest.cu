// LogprobDigest: lse = add(m, log(z)) by softmax accumulation over token ids; lp = sub(l, lse) for the first k of the order and for a target.
// Shapes: logits [rows × vocabulary], ids int32 and logprobs [rows × k], targets int32 and target_logprobs [rows] (or null).
//   logprob_digest_parts  a block: one part of a row, read once. Each warp weighs two chunks in registers: m_c, p = exp(sub(l, m_c)), z_c = tree256(p). The
//                         block then sorts the part's first min(k, 4096) keys: any number of which k threads hold a larger key is a bound no winner is below,
//                         and few others are above it.
//   logprob_digest_rows   a thread: one key of the parts' lists. Its rank is its place in its list plus the keys before it in the others (binary searches), so
//                         winners go straight to their place, for any k. Every block first merges the row's chunks in ascending order: running maxima are exact, so they, a and
//                         mul(z_c, b) are computed side by side, and what is left in sequence is z = fma(z, a, mul(z_c, b)), one fma a chunk.
// Scratch: chunks (m_c, z_c) [rows × parts · 16], lists [rows × parts × length], length = min(k, 4096). A target outside the vocabulary gives NaN, which fails the step.
// Roofline, 32 × 131072, k = 64, on 3.35 TB/s: 16.8 MB, 5 µs. About 900 instructions a thread of 2048 threads an SM, 8 µs; rows: 512 dependent fma, 2 k cycles,
// and 31 lists × 7 steps of cached search, 4 at once, 2 k cycles: 3 µs. Two launches. k beyond 4096 works, with more searching.
#include "selection.cuh"

#define PART_CHUNKS (PART / CHUNK)
#define BOUND_BITS 16 // of the 32 that order logits: sign, exponent, 7 of the significand

struct DigestArgs {
    const float* logits;
    float2* chunks;
    u64* lists;
    int* ids;
    float* logprobs;
    const int* targets;
    float* target_logprobs;
    Fault fault, target_fault;
    int vocabulary, parts, k, length;
};

extern "C" __global__ void __launch_bounds__(PART_THREADS, 6) logprob_digest_parts(DigestArgs p) {
    __shared__ u64 list[PART];
    __shared__ unsigned listed;
    unsigned row = blockIdx.x / p.parts, part = blockIdx.x % p.parts, lane = threadIdx.x % 32, warp = threadIdx.x / 32;
    const float* logits = p.logits + (u64)row * p.vocabulary;
    unsigned bits[PER_THREAD], highest = 0; // 0: absent
    #pragma unroll
    for (unsigned c = 0; c < 2; c++) {
        unsigned chunk = part * PART_CHUNKS + 2 * warp + c;
        float l[8], maximum = __uint_as_float(0xFF800000u);
        #pragma unroll
        for (unsigned i = 0; i < 8; i++) {
            unsigned id = chunk * CHUNK + 32 * i + lane;
            bool present = id < (unsigned)p.vocabulary;
            l[i] = present ? logits[id] : __uint_as_float(0xFF800000u);
            bits[8 * c + i] = present ? ascending_bits(l[i]) : 0;
            highest = bits[8 * c + i] > highest ? bits[8 * c + i] : highest;
            maximum = l[i] > maximum ? l[i] : maximum;
        }
        maximum = warp_max(maximum);
        #pragma unroll
        for (unsigned i = 0; i < 8; i++) l[i] = chunk * CHUNK + 32 * i + lane < (unsigned)p.vocabulary ? exact_exp(sub(l[i], maximum)) : 0.0f;
        float z = warp_tree256(l);
        if (lane == 0) p.chunks[(u64)blockIdx.x * PART_CHUNKS + 2 * warp + c] = make_float2(maximum, z);
    }

    unsigned bound = 0;
    if (p.k <= PART_THREADS)
        for (unsigned bit = 1u << 31; bit > 1u << (31 - BOUND_BITS); bit /= 2)
            if (__syncthreads_count(highest >= (bound | bit)) >= p.k) bound |= bit;
    if (threadIdx.x == 0) listed = 0;
    __syncthreads();
    #pragma unroll
    for (unsigned i = 0; i < PER_THREAD; i++) {
        unsigned id = part * PART + (2 * warp + i / 8) * CHUNK + 32 * (i % 8) + lane;
        if (id < (unsigned)p.vocabulary && bits[i] >= bound) list[atomicAdd(&listed, 1u)] = (u64)bits[i] << 32 | (unsigned)~id;
    }
    __syncthreads();
    unsigned count = listed, padded = 1;
    while (padded < count) padded *= 2;
    for (unsigned i = count + threadIdx.x; i < padded; i += PART_THREADS) list[i] = 0;
    block_sort(list, padded);
    count = count < (unsigned)p.length ? count : (unsigned)p.length;
    for (unsigned i = threadIdx.x; i < count; i += PART_THREADS) p.lists[(u64)blockIdx.x * p.length + i] = list[i];
}

struct MergeSpace {
    float warps[PART_THREADS / 32], a[PART_THREADS], weighed[PART_THREADS], lse;
};

// m' = max(m, m_c), a = exp(sub(m, m')), b = exp(sub(m_c, m')), z = fma(z, a, mul(z_c, b)), m = m', over the chunks in order; add(m, log(z)).
__device__ __forceinline__ float log_sum_exp(const float2* chunks, int count, MergeSpace& s) {
    unsigned lane = threadIdx.x % 32, warp = threadIdx.x / 32;
    float running = __uint_as_float(0xFF800000u), z = 0.0f;
    for (int from = 0; from < count; from += PART_THREADS) {
        int mine = from + threadIdx.x;
        float2 chunk = mine < count ? chunks[mine] : make_float2(__uint_as_float(0xFF800000u), 0.0f);
        float upto = chunk.x;
        for (unsigned m = 1; m < 32; m *= 2) {
            float other = __shfl_up_sync(0xFFFFFFFFu, upto, m);
            if (lane >= m) upto = other > upto ? other : upto;
        }
        float before = __shfl_up_sync(0xFFFFFFFFu, upto, 1);
        __syncthreads();
        if (lane == 31) s.warps[warp] = upto;
        __syncthreads();
        float m = lane > 0 && before > running ? before : running;
        for (unsigned i = 0; i < PART_THREADS / 32; i++) {
            if (i < warp) m = s.warps[i] > m ? s.warps[i] : m;
            running = s.warps[i] > running ? s.warps[i] : running;
        }
        float merged = chunk.x > m ? chunk.x : m;
        s.a[threadIdx.x] = exact_exp(sub(m, merged));
        s.weighed[threadIdx.x] = mul(chunk.y, exact_exp(sub(chunk.x, merged)));
        __syncthreads();
        if (threadIdx.x == 0) {
            int merges = min(count - from, PART_THREADS);
            #pragma unroll 8
            for (int i = 0; i < merges; i++) z = fma_rn(z, s.a[i], s.weighed[i]);
        }
    }
    if (threadIdx.x == 0) s.lse = add(running, exact_log(z));
    __syncthreads();
    return s.lse;
}

extern "C" __global__ void __launch_bounds__(PART_THREADS) logprob_digest_rows(DigestArgs p) {
    __shared__ MergeSpace space;
    unsigned row = blockIdx.x, at = blockIdx.y * PART_THREADS + threadIdx.x;
    float lse = log_sum_exp(p.chunks + (u64)row * p.parts * PART_CHUNKS, (p.vocabulary + CHUNK - 1) / CHUNK, space);
    if (at == 0 && p.targets != 0) {
        unsigned target = (unsigned)p.targets[row];
        float lp = target < (unsigned)p.vocabulary ? sub(p.logits[(u64)row * p.vocabulary + target], lse) : __uint_as_float(0x7FC00000u);
        p.target_logprobs[row] = lp;
        check_finite(p.target_fault, lp, row);
    }
    unsigned own = at / p.length, rank = at % p.length, length = p.length, parts = p.parts;
    unsigned last = min(length, (unsigned)p.vocabulary - (parts - 1) * PART); // the last part's list may be shorter
    if (own >= parts || (own == parts - 1 && rank >= last)) return;
    const u64* lists = p.lists + (u64)row * parts * length;
    u64 key = lists[at];
    for (unsigned from = 0; from < parts && rank < (unsigned)p.k; from += 4) {
        unsigned before[4] = {0, 0, 0, 0};
        for (unsigned step = 0x80000000u >> __clz(length); step > 0; step /= 2)
            #pragma unroll
            for (unsigned i = 0; i < 4; i++) {
                unsigned other = from + i, end = other < parts - 1 ? length : last, probe = before[i] + step;
                if (other < parts && other != own && probe <= end && lists[other * length + probe - 1] > key) before[i] = probe;
            }
        rank += before[0] + before[1] + before[2] + before[3];
    }
    if (rank >= (unsigned)p.k) return;
    float lp = sub(p.logits[(u64)row * p.vocabulary + key_id(key)], lse); // not the key's value, whose zero has no sign
    p.ids[(u64)row * p.k + rank] = (int)key_id(key);
    p.logprobs[(u64)row * p.k + rank] = lp;
    check_finite(p.fault, lp, (u64)row * p.k + rank);
}
