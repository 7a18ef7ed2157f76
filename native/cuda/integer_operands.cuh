// Sums of products of signed bytes on tensor cores, in one of two forms with the same bits: OPERANDS = BYTES multiplies bytes with sums in 32-bit integers;
// OPERANDS = HALVES widens bytes to binary16, exactly, with sums in binary32, for devices whose integer units are slower than their 16-bit ones.
//
// Why binary32 sums are exact: a product of two bytes is an integer of at most 127·128 = 2^13.99 (the input has no −128), and 256 of them stay below
// 127·128·256 = 2^21.99. Every addend and every partial sum is an integer below 2^22, in whatever order they are added. What that asks of the hardware: products
// enter the sum unrounded, and aligning addends to the largest of them (below 2^22) keeps the bit of weight 1, so 22 bits or more. Published findings: V100,
// T4 and A100 multiply exactly, align to the largest addend and truncate what falls below 24 bits or more (Fasi, Higham, Mikaitis and Pranesh, "Numerical
// behavior of NVIDIA tensor cores", PeerJ CS 2021); the shorter sums found on Hopper are those of 8-bit floats, which are not used here.
#pragma once
#include "common.cuh"

#define BYTES 0
#define HALVES 1

#ifndef OPERANDS
#error "OPERANDS is not defined"
#endif

// As fragments of mma: with group = lane / 4 and member = lane % 4, a word of four bytes is columns 4·member … of 16, of row (or output) `group`.
// Binary16 fragments have columns 2·member, 2·member + 1 and those 8 further in two registers; which of the 16 columns a byte goes to does not matter as long as both
// sides agree, so a word widens in place to the two registers.
#if OPERANDS == BYTES
typedef int sum_type;
struct Left { unsigned r[4]; };  // 16 rows × 32 columns: rows group and group + 8 of columns 0 … 15, then of 16 … 31
struct Right { unsigned r[2]; }; // 32 columns × 8 outputs

__device__ __forceinline__ Left left_of(const unsigned w[4]) { return {{w[0], w[1], w[2], w[3]}}; }
__device__ __forceinline__ Right right_of(unsigned low, unsigned high) { return {{low, high}}; }

// d = c + a·b over 32 columns.
__device__ __forceinline__ void multiply(int d[4], const Left& a, const Right& b, const int c[4]) { ptx_mma_s8_16832(d, a.r, b.r, c); }

// The same over columns 0 … 15 or 16 … 31 only.
template <int HALF> __device__ __forceinline__ void multiply_half(int d[4], const Left& a, const Right& b, const int c[4]) {
    ptx_mma_s8_16816(d, a.r + 2 * HALF, b.r[HALF], c);
}

// A sum that started at 1.5·2^23's bits is, while below 2^22 in magnitude, those of 1.5·2^23 + sum: one subtraction converts it, on the units of binary32.
#define FLOAT_ORIGIN 0x4B400000
#define INTEGER_ORIGIN 0
__device__ __forceinline__ float float_of(int sum) { return sub(__int_as_float(sum), 12582912.0f); }
__device__ __forceinline__ int integer_of(int sum) { return sum; }

#else
typedef float sum_type;
struct Left { unsigned r[8]; };
struct Right { unsigned r[4]; };

// Four signed bytes: biased to 0 … 255 they are the low bits of 1024 + byte, whose binary16 has exponent 0x64.
__device__ __forceinline__ void widen(unsigned bytes, unsigned& low, unsigned& high) {
    unsigned biased = bytes ^ 0x80808080u;
    low = ptx_subtract_f16x2(__byte_perm(biased, 0x64646464u, 0x4140), 0x64806480u); // 1152
    high = ptx_subtract_f16x2(__byte_perm(biased, 0x64646464u, 0x4342), 0x64806480u);
}

__device__ __forceinline__ Left left_of(const unsigned w[4]) {
    Left a;
    #pragma unroll
    for (int i = 0; i < 4; i++) widen(w[i], a.r[4 * (i / 2) + i % 2], a.r[4 * (i / 2) + 2 + i % 2]);
    return a;
}

__device__ __forceinline__ Right right_of(unsigned low, unsigned high) {
    Right b;
    widen(low, b.r[0], b.r[1]);
    widen(high, b.r[2], b.r[3]);
    return b;
}

template <int HALF> __device__ __forceinline__ void multiply_half(float d[4], const Left& a, const Right& b, const float c[4]) {
    #pragma unroll
    for (int i = 0; i < 4; i++) d[i] = c[i];
    ptx_mma_f16_16816(d, a.r + 4 * HALF, b.r + 2 * HALF);
}

__device__ __forceinline__ void multiply(float d[4], const Left& a, const Right& b, const float c[4]) {
    multiply_half<0>(d, a, b, c);
    multiply_half<1>(d, a, b, d);
}

#define FLOAT_ORIGIN 0.0f
#define INTEGER_ORIGIN 0.0f
__device__ __forceinline__ float float_of(float sum) { return sum; }
__device__ __forceinline__ int integer_of(float sum) { return __float_as_int(add(sum, 12582912.0f)) - 0x4B400000; }
#endif
