// A chunk of 256 inputs as integers of 8 bits with one scale (docs/exact-arithmetic.md, "Integer weights", Input), by a warp whose lane has 8 neighbours.
// Absent inputs are +0. A chunk with an infinity or a NaN gives dx = NaN, one with no magnitude from 2⁻¹⁰⁰ on dx = +0; both all q = 0.
// rint: |x/dx| ≤ 127·(1 + 2⁻²²), so adding 1.5·2²³ rounds to an integer, ties to even, and leaves it in the low bits.
#pragma once
#include "common.cuh"

// Columns first … first + 7 of a row, +0 beyond k. Rows start 16-byte aligned where k is a multiple of 4.
__device__ __forceinline__ void read_eight(float x[8], const float* row, unsigned first, unsigned k) {
    if (k % 4 == 0 && first + 8 <= k) {
        float4 a = *(const float4*)(row + first), b = *(const float4*)(row + first + 4);
        x[0] = a.x, x[1] = a.y, x[2] = a.z, x[3] = a.w, x[4] = b.x, x[5] = b.y, x[6] = b.z, x[7] = b.w;
        return;
    }
    #pragma unroll
    for (int i = 0; i < 8; i++) x[i] = first + i < k ? row[first + i] : 0.0f;
}

// The lane's integers as two words of bytes; all lanes get dx.
__device__ __forceinline__ float quantize_chunk(const float x[8], unsigned q[2]) {
    unsigned largest = 0; // magnitudes order like their bits; infinities and NaNs come last
    #pragma unroll
    for (int i = 0; i < 8; i++) largest = max(largest, __float_as_uint(x[i]) & 0x7FFFFFFFu);
    #pragma unroll
    for (int m = 16; m > 0; m /= 2) largest = max(largest, __shfl_xor_sync(0xFFFFFFFFu, largest, m));
    q[0] = q[1] = 0;
    if (largest >= 0x7F800000u) return __uint_as_float(0x7FC00000u);
    if (largest < 0x0D800000u) return 0.0f; // 2⁻¹⁰⁰
    float dx = div_rn(__uint_as_float(largest), 127.0f), inverse = div_rn(1.0f, dx);
    unsigned rounded[8];
    #pragma unroll
    for (int i = 0; i < 8; i++) rounded[i] = __float_as_uint(add(mul(x[i], inverse), 12582912.0f));
    #pragma unroll
    for (int i = 0; i < 8; i += 4)
        q[i / 4] = __byte_perm(__byte_perm(rounded[i], rounded[i + 1], 0x0040), __byte_perm(rounded[i + 2], rounded[i + 3], 0x0040), 0x5410);
    return dx;
}

// Q4_K's minima multiply sums of the input over groups of 32, lanes 4·g … 4·g + 3. As bytes: Σ = 64·high + low, −32 ≤ low < 32 (|Σ| ≤ 127·32, so |high| ≤ 64);
// byte g of the 16 is low, byte 8 + g is high.
__device__ __forceinline__ void write_group_sums(const unsigned q[2], signed char* sums, int lane) {
    int sum = __dp4a((int)q[0], 0x01010101, __dp4a((int)q[1], 0x01010101, 0));
    sum += __shfl_xor_sync(0xFFFFFFFFu, sum, 1);
    sum += __shfl_xor_sync(0xFFFFFFFFu, sum, 2);
    if (lane % 4 != 0) return;
    int low = ((sum + 32) & 63) - 32;
    sums[lane / 4] = (signed char)low;
    sums[8 + lane / 4] = (signed char)((sum - low) >> 6);
}

// Σ over groups of m·Σ, m the bytes of two words.
__device__ __forceinline__ int dot_minima(const unsigned m[2], uint4 sums) {
    int high = __dp4a((int)m[0], (int)sums.z, __dp4a((int)m[1], (int)sums.w, 0));
    return __dp4a((int)m[0], (int)sums.x, __dp4a((int)m[1], (int)sums.y, 64 * high));
}
