// Which tokens of a row top-k and top-p keep: those whose key is at least a threshold. A part of Sample and SampleMargin.
//   top-k   the k-th key of the order
//   top-p   among those, the first key at which the running sum of weights w = rint(mul(exp(sub(t, t_first)), 2^32)) reaches ⌈top_p · total / 2^32⌉:
//           a token is kept iff (sum strictly before it) · 2^32 < top_p · total. A sum of at most 1, the first token's, keeps the first.
// Both are one descent over the digits of the 64-bit keys (11, 11, 10 bits of the logit, then of the id): a histogram of the keys that share the
// digits found so far, and the bin in which the running sum from the top reaches its target. Weights are integers, so the order of adding is free.
// One block a row. When few keys are left they are kept in shared memory, and the remaining digits read those.
// Roofline, 131072 tokens: rows without a filter leave at once. Else a row is read twice from the second-level cache, 512 KB at 64 bytes a cycle
// and SM, 5 µs each. Top-p divides and takes an exp per token, 45 instructions, 46 k cycles = 26 µs, unless top-k came first. So about 15 µs with k,
// 35 µs with p or both, the same for any number of rows up to one per SM.
#include "selection.cuh"

#define KEEP_THREADS 1024 // at most; fewer for small vocabularies
#define BINS 2048
#define LISTED 2048
#define BATCH 8 // loads in flight per thread

struct KeepArgs {
    const float* logits;
    const SamplingRow* parameters;
    const u64* firsts; // [rows × parts]
    RowState* states;
    int vocabulary, parts;
};

struct Histogram {
    unsigned low[BINS], high[BINS]; // a bin's sum is high · 2^32 + low: shared memory adds 32 bits at a time natively
    u64 list[LISTED];
    u64 warps[32];
    u64 before;
    unsigned bin, listed;
};

struct Weigher {
    float t_first;
    bool counts; // every token weighs 1
    SamplingRow row;
};

__device__ __forceinline__ u64 weigh(const Weigher& w, u64 key) {
    if (w.counts) return 1;
    return __float2ull_rn(mul(exact_exp(sub(scaled(key_value(key), w.row), w.t_first)), 4294967296.0f));
}

__device__ __forceinline__ void count_key(Histogram& s, const Weigher& w, u64 key, u64 floor, u64 prefix, int shift, int next, bool list) {
    if (key < floor || (shift < 64 && key >> shift != prefix)) return;
    u64 weight = weigh(w, key);
    if (weight == 0) return; // the target is reached before any of these
    unsigned bin = (unsigned)(key >> next) & ((1u << (shift - next)) - 1);
    unsigned old = atomicAdd(&s.low[bin], (unsigned)weight);
    unsigned high = (unsigned)(weight >> 32) + (old > ~(unsigned)weight ? 1u : 0u); // the addition that wraps carries
    if (high != 0) atomicAdd(&s.high[bin], high);
    if (!list) return;
    unsigned slot = atomicAdd(&s.listed, 1u);
    if (slot < LISTED) s.list[slot] = key;
}

// ⌈top_p · total / 2^32⌉, at least 1; top_p < 2^32 and total < 2^63
__device__ __forceinline__ u64 share(u64 top_p, u64 total) {
    u64 high = __umul64hi(top_p, total), low = top_p * total;
    u64 ceiling = (high << 32 | low >> 32) + ((unsigned)low != 0 ? 1 : 0);
    return ceiling > 1 ? ceiling : 1;
}

// The bin, from the highest down, in which the running sum reaches the target, into s.bin, and the sum before it into s.before.
// Each thread owns consecutive bins. With total_share the target is that share of the sum of all bins; returns the target.
__device__ __forceinline__ u64 find_bin(Histogram& s, u64 target, bool total_share, u64 top_p) {
    unsigned owned = BINS / blockDim.x, from = BINS - 1 - threadIdx.x * owned, lane = threadIdx.x % 32, warp = threadIdx.x / 32;
    u64 own = 0;
    for (unsigned i = 0; i < owned; i++) own += (u64)s.high[from - i] << 32 | s.low[from - i];
    u64 upto = own;
    for (unsigned m = 1; m < 32; m *= 2) {
        u64 other = __shfl_up_sync(0xFFFFFFFFu, upto, m);
        if (lane >= m) upto += other;
    }
    if (lane == 31) s.warps[warp] = upto;
    __syncthreads();
    u64 total = 0, before = upto - own;
    for (unsigned i = 0; i < blockDim.x / 32; i++) {
        if (i < warp) before += s.warps[i];
        total += s.warps[i];
    }
    if (total_share) target = share(top_p, total);
    if (before < target && target <= before + own)
        for (unsigned i = 0; i < owned; i++) {
            u64 sum = (u64)s.high[from - i] << 32 | s.low[from - i];
            if (before < target && target <= before + sum) {
                s.bin = from - i;
                s.before = before;
            }
            before += sum;
        }
    __syncthreads();
    return target;
}

// The threshold at which the running sum of weights over the keys ≥ floor reaches the target: k tokens, or the share top_p of the sum.
__device__ __forceinline__ u64 descend(Histogram& s, const float* logits, int vocabulary, const Weigher& w, u64 floor) {
    u64 prefix = 0, target = (u64)(unsigned)w.row.top_k;
    bool listed = false;
    int shift = 64;
    while (shift > 0) {
        int next = shift - ((shift & 31) == 10 ? 10 : 11); // 53, 42, 32, 21, 10, 0
        bool list = !listed && (shift < 64 || vocabulary <= LISTED);
        for (unsigned i = threadIdx.x; i < BINS; i += blockDim.x) s.low[i] = s.high[i] = 0;
        if (list && threadIdx.x == 0) s.listed = 0;
        __syncthreads();
        if (threadIdx.x == 0) s.bin = 0;
        if (listed) {
            for (unsigned i = threadIdx.x; i < s.listed; i += blockDim.x) count_key(s, w, s.list[i], floor, prefix, shift, next, false);
        } else {
            for (unsigned from = threadIdx.x; from < (unsigned)vocabulary; from += BATCH * blockDim.x) {
                float batch[BATCH];
                #pragma unroll
                for (int i = 0; i < BATCH; i++) batch[i] = from + i * blockDim.x < (unsigned)vocabulary ? logits[from + i * blockDim.x] : 0.0f;
                #pragma unroll
                for (int i = 0; i < BATCH; i++) {
                    unsigned id = from + i * blockDim.x;
                    if (id < (unsigned)vocabulary) count_key(s, w, order_key(batch[i], id), floor, prefix, shift, next, list);
                }
            }
        }
        __syncthreads();
        listed = listed || (list && s.listed <= LISTED);
        target = find_bin(s, target, shift == 64 && !w.counts, w.row.top_p);
        target -= s.before;
        prefix = prefix << (shift - next) | s.bin;
        shift = next;
        if (target == ((u64)s.high[s.bin] << 32 | s.low[s.bin])) break; // the whole bin is kept
        __syncthreads();
    }
    __syncthreads();
    return prefix << shift;
}

extern "C" __global__ void __launch_bounds__(KEEP_THREADS) sample_keep(KeepArgs p) {
    __shared__ Histogram s;
    __shared__ u64 row_first;
    unsigned row = blockIdx.x;
    const float* logits = p.logits + (u64)row * p.vocabulary;
    Weigher w;
    w.row = p.parameters[row];
    u64 first = 0, threshold = 0;
    for (unsigned part = threadIdx.x; part < (unsigned)p.parts; part += blockDim.x) first = earlier(first, p.firsts[(u64)row * p.parts + part]);
    first = block_first(first, s.warps);
    if (threadIdx.x == 0) {
        row_first = first;
        s.before = 0;
    }
    __syncthreads();
    if (!is_greedy(w.row)) {
        w.t_first = scaled(key_value(row_first), w.row);
        #pragma unroll 1
        for (int filter = 0; filter < 2; filter++) { // one copy of the code serves both
            w.counts = filter == 0;
            bool filters = w.counts ? w.row.top_k > 0 && w.row.top_k < p.vocabulary : w.row.top_p < 1ull << 32;
            if (filters) threshold = earlier(threshold, descend(s, logits, p.vocabulary, w, threshold));
        }
    }
    if (threadIdx.x == 0) {
        RowState state;
        state.threshold = threshold;
        state.best = order_key(score(logits[key_id(first)], key_id(first), w.row), key_id(first)); // the first token is always kept
        state.lowest = ~0ull;
        state.arrived = 0;
        p.states[row] = state;
    }
}
