// Sample: one token per row (docs/exact-arithmetic.md, Sampling).
//   sample_scan    t = div(l, T), checked finite; the first key of each part                     rows × parts blocks of 256
//   sample_keep    (sample_keep.cu) which tokens top-k and top-p keep: key ≥ threshold           rows blocks
//   sample_choose  max over kept tokens of add(t, g), ties to the lowest id                      rows × parts blocks of 256
// Shapes: logits [rows × vocabulary], parameters [rows], tokens int32 [rows]; parts = ⌈vocabulary / 4096⌉. No sum is a float's: order is free.
// Nothing of a launch depends on the parameters. SampleMargin shares sample_scan and sample_keep.
// Roofline, 32 × 131072 on 3.35 TB/s: 16.8 MB once from memory, 5 µs, once more from the second-level cache. A Gumbel value is one Philox
// (≈ 60 integer instructions) and two logs (≈ 50): 4.2 M of them, on flat rows without a filter, are 28 k cycles of 132 SMs, 16 µs; on peaked rows few are.
#include "selection.cuh"

struct ScanArgs {
    const float* logits;
    const SamplingRow* parameters;
    u64* firsts; // [rows × parts]
    Fault fault; // of t
    int vocabulary, parts;
};

extern "C" __global__ void __launch_bounds__(PART_THREADS) sample_scan(ScanArgs p) {
    __shared__ u64 warps[32];
    unsigned row = blockIdx.x / p.parts, part = blockIdx.x % p.parts;
    SamplingRow parameters = p.parameters[row];
    const float* logits = p.logits + (u64)row * p.vocabulary;
    u64 first = 0;
    #pragma unroll 4
    for (int i = 0; i < PER_THREAD; i++) {
        unsigned id = part * PART + i * PART_THREADS + threadIdx.x;
        if (id >= (unsigned)p.vocabulary) break;
        float logit = logits[id];
        check_finite(p.fault, scaled(logit, parameters), (u64)row * p.vocabulary + id);
        first = earlier(first, order_key(logit, id));
    }
    first = block_first(first, warps);
    if (threadIdx.x == 0) p.firsts[blockIdx.x] = first;
}

struct SampleArgs {
    const float* logits;
    const SamplingRow* parameters;
    RowState* states;
    int* tokens;
    int vocabulary, parts;
};

extern "C" __global__ void __launch_bounds__(PART_THREADS) sample_choose(SampleArgs p) {
    __shared__ u64 warps[64];
    unsigned row = blockIdx.x / p.parts, part = blockIdx.x % p.parts;
    RowState* state = p.states + row;
    if (!choose<false>(p.logits + (u64)row * p.vocabulary, p.parameters[row], state, part, p.parts, p.vocabulary, warps)) return;
    unsigned token = key_id(atomicMax(&state->best, 0ull));
    if (token < (unsigned)p.vocabulary) p.tokens[row] = (int)token; // always so, unless a logit was NaN and the step has failed
}
