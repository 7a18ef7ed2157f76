// Linear in fast mode for many rows, on both sides of cuBLASLt's product: activations are rounded to the weights' type, to nearest even, before, so that both
// operands are of one type; then the bias is added and what is not finite reported. The product accumulates in binary32, in an order of the library's own.
// Shapes: x, rounded [count = rows·k]; y [rows×n], bias [n]. Elements are independent. Rounding past 65504 to binary16 gives an infinity, which y shows.
// Threads: rounding is grid-stride, eight elements per thread and turn, so that a turn writes 16 bytes, and the last count mod 8 one by one; after the product a
// thread has a column, blockIdx.y, + gridDim.y, … the rows.
// Roofline: 6 bytes per activation and 8 per output against 2·k operations of the product per output: under 2 % of the step from k = 2048 on.
#include "common.cuh"
#define THREADS 256

#ifndef WEIGHT_TYPE
#error "WEIGHT_TYPE is not defined"
#endif

struct RoundActivationsArgs {
    const float* x;
    half_bits* rounded;
    u64 count;
};

static __device__ __forceinline__ unsigned round_pair(float low, float high) {
    return (unsigned)(half_bits)stored<WEIGHT_TYPE>::round(low) | (unsigned)(half_bits)stored<WEIGHT_TYPE>::round(high) << 16;
}

extern "C" __global__ void __launch_bounds__(THREADS) round_activations(RoundActivationsArgs p) {
    u64 thread = (u64)blockIdx.x * THREADS + threadIdx.x, stride = (u64)gridDim.x * THREADS, groups = p.count / 8;
    for (u64 i = thread; i < groups; i += stride) {
        float4 a = ((const float4*)p.x)[2 * i], b = ((const float4*)p.x)[2 * i + 1];
        ((uint4*)p.rounded)[i] = make_uint4(round_pair(a.x, a.y), round_pair(a.z, a.w), round_pair(b.x, b.y), round_pair(b.z, b.w));
    }
    u64 tail = 8 * groups + thread;
    if (tail < p.count) p.rounded[tail] = (half_bits)stored<WEIGHT_TYPE>::round(p.x[tail]);
}

struct FinishLinearArgs {
    const float* bias; // or null
    float* y;
    Fault fault;
    unsigned rows, n;
};

extern "C" __global__ void __launch_bounds__(THREADS) finish_linear(FinishLinearArgs p) {
    unsigned j = blockIdx.x * THREADS + threadIdx.x;
    if (j >= p.n) return;
    for (unsigned row = blockIdx.y; row < p.rows; row += gridDim.y) {
        u64 index = (u64)row * p.n + j;
        float y = p.y[index];
        if (p.bias) p.y[index] = y = add(y, p.bias[j]);
        check_finite(p.fault, y, index);
    }
}
