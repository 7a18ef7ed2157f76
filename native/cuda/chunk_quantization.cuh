// A chunk of 256 inputs as integers of 8 bits with one scale (docs/exact-arithmetic.md, "Integer weights", Input), by a warp whose lane has 8 neighbours.
// Absent inputs are +0. A chunk with an infinity or a NaN gives dx = NaN, one with no magnitude from 2⁻¹⁰⁰ on dx = +0; both all q = 0.
#pragma once
#include "common.cuh"

// The lane's integers in two words; all lanes get dx.
__device__ __forceinline__ float quantize_chunk(const float x[8], unsigned q[2]) {
    unsigned largest = 0; // magnitudes order like their bits; infinities and NaNs come last
    #pragma unroll
    for (int i = 0; i < 8; i++) largest = max(largest, __float_as_uint(x[i]) & 0x7FFFFFFFu);
    for (int m = 16; m > 0; m /= 2) largest = max(largest, __shfl_xor_sync(0xFFFFFFFFu, largest, m));
    q[0] = q[1] = 0;
    if (largest >= 0x7F800000u) return __uint_as_float(0x7FC00000u);
    if (largest < 0x0D800000u) return 0.0f; // 2⁻¹⁰⁰
    float dx = div_rn(__uint_as_float(largest), 127.0f), inverse = div_rn(1.0f, dx);
    #pragma unroll
    for (int i = 0; i < 8; i++) q[i / 4] |= (unsigned)(__float2int_rn(mul(x[i], inverse)) & 0xFF) << i % 4 * 8;
    return dx;
}
