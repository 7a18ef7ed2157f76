// What every kernel shares: the primitives of profile exact-1, storage formats, reductions over a block, and the fault word.
// No CUDA header is included, so NVRTC alone compiles these files. native/emulator runs the same text on a CPU.
// The arithmetic is docs/exact-arithmetic.md to the bit; --fmad=false and the _rn intrinsics keep the compiler from contracting it.
#pragma once
#include "ptx.cuh"

#define CHUNK 256 // elements per chunk of a reduction, and positions per page of the KV cache

#define PANEL 32  // weight rows that a linear kernel takes at once

// Storage types as ElementType numbers them. Kernels are specialised with -DWEIGHT_TYPE=… or -DCACHE_TYPE=….
#define F32 0
#define F16 1
#define BF16 2
#define Q8_0 3
#define Q4_0 4
#define Q4_K 5
#define Q6_K 6
#define I8_256 7

typedef unsigned short half_bits;
typedef unsigned long long u64;

// ---- primitives ----

__device__ __forceinline__ float add(float a, float b) { return __fadd_rn(a, b); }
__device__ __forceinline__ float sub(float a, float b) { return __fsub_rn(a, b); }
__device__ __forceinline__ float mul(float a, float b) { return __fmul_rn(a, b); }
__device__ __forceinline__ float fma_rn(float a, float b, float c) { return __fmaf_rn(a, b, c); }
__device__ __forceinline__ float div_rn(float a, float b) { return __fdiv_rn(a, b); }
__device__ __forceinline__ float sqrt_rn(float a) { return __fsqrt_rn(a); }
__device__ __forceinline__ bool is_finite(float x) { return (__float_as_uint(x) & 0x7F800000u) != 0x7F800000u; }

// e^x: n = rint(x·log2 e), r = x − n·ln 2, 2^n·p(r). +0 below −87, exp(88) above 88.
__device__ __forceinline__ float exact_exp(float x) {
    bool vanishes = x < -87.0f; // selected at the end: no branch
    x = vanishes ? -87.0f : x > 88.0f ? 88.0f : x;
    float n = sub(fma_rn(x, __uint_as_float(0x3FB8AA3Bu), 12582912.0f), 12582912.0f);
    float r = fma_rn(n, __uint_as_float(0x3102E308u), fma_rn(n, __uint_as_float(0xBF317218u), x));
    float p = __uint_as_float(0x3AB52794u);
    p = fma_rn(p, r, __uint_as_float(0x3C091CC0u));
    p = fma_rn(p, r, __uint_as_float(0x3D2AAC57u));
    p = fma_rn(p, r, __uint_as_float(0x3E2AAA49u));
    p = fma_rn(p, r, __uint_as_float(0x3EFFFFFEu));
    p = fma_rn(p, r, 1.0f);
    p = fma_rn(p, r, 1.0f);
    float y = mul(p, __int_as_float((__float2int_rz(n) + 127) << 23)); // a NaN stays one, whatever its exponent came to
    return vanishes ? 0.0f : y;
}

// ln x: x = 2^e·(1 + f), 1 + f in [√½, √2); e·ln2 + f − f²/2 + f³·P(f).
__device__ __forceinline__ float exact_log(float x) {
    if (!(x > 0.0f)) return x == 0.0f ? __uint_as_float(0xFF800000u) : __uint_as_float(0x7FC00000u);
    if (x == __uint_as_float(0x7F800000u)) return x;
    int shift = 0;
    if (x < 1.17549435e-38f) {
        x = mul(x, 8388608.0f);
        shift = 23;
    }
    int bits = (int)(__float_as_uint(x) - 0x3F3504F3u);
    float e = (float)((bits >> 23) - shift);
    float f = sub(__uint_as_float((unsigned)(bits & 0x7FFFFF) + 0x3F3504F3u), 1.0f);
    float p = __uint_as_float(0x3D8A4273u);
    p = fma_rn(p, f, __uint_as_float(0xBDEF0804u));
    p = fma_rn(p, f, __uint_as_float(0x3DF36020u));
    p = fma_rn(p, f, __uint_as_float(0xBDFE1356u));
    p = fma_rn(p, f, __uint_as_float(0x3E119DBCu));
    p = fma_rn(p, f, __uint_as_float(0xBE2AAE27u));
    p = fma_rn(p, f, __uint_as_float(0x3E4CD23Cu));
    p = fma_rn(p, f, __uint_as_float(0xBE800003u));
    p = fma_rn(p, f, __uint_as_float(0x3EAAAAA4u));
    float s = mul(f, f);
    float y = fma_rn(e, __uint_as_float(0xB102E308u), mul(mul(s, f), p));
    y = add(f, fma_rn(-0.5f, s, y));
    return fma_rn(e, __uint_as_float(0x3F317218u), y);
}

// ---- storage ----

__device__ __forceinline__ float widen_bf16(half_bits h) { return __uint_as_float((unsigned)h << 16); }

__device__ __forceinline__ half_bits round_bf16(float x) {
    unsigned bits = __float_as_uint(x);
    if ((bits & 0x7FFFFFFFu) > 0x7F800000u) return (half_bits)((bits >> 16) | 0x40u);
    return (half_bits)((bits + 0x7FFFu + ((bits >> 16) & 1u)) >> 16);
}

// One element of a stored type, widened exactly. TYPE is a compile-time constant.
template <int TYPE> struct stored;
template <> struct stored<F32> {
    typedef float element;
    static __device__ __forceinline__ float widen(float v) { return v; }
    static __device__ __forceinline__ float round(float v) { return v; }
};
template <> struct stored<F16> {
    typedef half_bits element;
    static __device__ __forceinline__ float widen(half_bits v) { return ptx_f16_to_f32(v); }
    static __device__ __forceinline__ half_bits round(float v) { return ptx_f32_to_f16(v); }
};
template <> struct stored<BF16> {
    typedef half_bits element;
    static __device__ __forceinline__ float widen(half_bits v) { return widen_bf16(v); }
    static __device__ __forceinline__ half_bits round(float v) { return round_bf16(v); }
};

// ---- reductions ----

// tree256 of one value per thread, in a block of exactly 256 threads: lane[j] += lane[j + m] for m = 128 … 1. All threads get the sum.
// The first three steps cross warps through shared memory, the last five stay in warp 0.
__device__ __forceinline__ float block_tree256(float value, float* lanes /* shared [256] */) {
    int j = threadIdx.x;
    __syncthreads();
    lanes[j] = value;
    __syncthreads();
    if (j < 128) lanes[j] = add(lanes[j], lanes[j + 128]);
    __syncthreads();
    if (j < 64) lanes[j] = add(lanes[j], lanes[j + 64]);
    __syncthreads();
    if (j < 32) {
        float v = add(lanes[j], lanes[j + 32]);
        for (int m = 16; m > 0; m /= 2) v = add(v, __shfl_down_sync(0xFFFFFFFFu, v, m)); // lanes ≥ m hold values nobody reads
        if (j == 0) lanes[0] = v;
    }
    __syncthreads();
    return lanes[0];
}

// tree256 of eight values per lane of one warp: value[i] is lane 32·i + lane of the chunk. All lanes get the sum.
__device__ __forceinline__ float warp_tree256(const float value[8]) {
    float v = add(add(add(value[0], value[4]), add(value[2], value[6])), add(add(value[1], value[5]), add(value[3], value[7])));
    for (int m = 16; m > 0; m /= 2) v = add(v, __shfl_down_sync(0xFFFFFFFFu, v, m));
    return __shfl_sync(0xFFFFFFFFu, v, 0);
}

__device__ __forceinline__ float warp_max(float v) {
    for (int m = 16; m > 0; m /= 2) {
        float other = __shfl_xor_sync(0xFFFFFFFFu, v, m);
        v = other > v ? other : v;
    }
    return v;
}

// ---- random numbers ----

// Philox4x32-10 (Salmon et al., SC'11).
__device__ __forceinline__ uint4 philox(u64 key, unsigned c0, unsigned c1, unsigned c2, unsigned c3) {
    unsigned k0 = (unsigned)key, k1 = (unsigned)(key >> 32);
    #pragma unroll
    for (int round = 0; round < 10; round++) {
        unsigned h0 = __umulhi(0xD2511F53u, c0), l0 = 0xD2511F53u * c0, h1 = __umulhi(0xCD9E8D57u, c2), l1 = 0xCD9E8D57u * c2;
        c0 = h1 ^ c1 ^ k0;
        c1 = l1;
        c2 = h0 ^ c3 ^ k1;
        c3 = l0;
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    return make_uint4(c0, c1, c2, c3);
}

// ---- faults ----

// The first output that is not finite, over all operations of a step: the smallest (operation number · 2^40 + flat index), or all ones.
// The host knows what each operation number stands for; a smaller number is an earlier operation, so the minimum is what a sequential run would have met first.
struct Fault {
    u64* word;
    u64 operation; // already shifted left by 40
};

__device__ __forceinline__ void check_finite(Fault fault, float value, u64 index) {
    if (!is_finite(value)) atomicMin(fault.word, fault.operation | index);
}
