// What the linear kernels share: y[r, j] = dot(x[r], w[j]), then add(·, bias[j]); x [rows×k] binary32, w [n×k] as stored, y [rows×n].
// dot: chunks of 256; in each acc = fma(x[k], w[k], acc) for ascending k from +0, then total = add(total, acc) for ascending chunks from +0.
// A row starts every k elements, so a 16-byte piece is aligned only if k·size is a multiple of 16: `vectors` says so, else elements are read one by one.
// What is absent (k beyond the end, a whole chunk, a row) is read as x = +0 and w = +0. fma(+0, +0, acc) can only turn acc = −0 into +0, and
// add(total, ±0) = total, because the total starts at +0 and so is never −0: no bit of a result changes.
#pragma once
#include "common.cuh"

#ifndef WEIGHT_TYPE
#error "WEIGHT_TYPE is not defined"
#endif

typedef stored<WEIGHT_TYPE>::element element;
#define PIECE (int)(16 / sizeof(element)) // weights in 16 bytes

struct LinearArgs {
    const float* x;
    const element* weight;
    const float* bias; // or null
    float* y;
    Fault fault;
    unsigned rows, n, k;
    int vectors;
};

__device__ __forceinline__ unsigned word_of(const float* row, unsigned i, unsigned k) { return i < k ? __float_as_uint(row[i]) : 0u; }

__device__ __forceinline__ unsigned word_of(const half_bits* row, unsigned i, unsigned k) {
    return (2 * i < k ? (unsigned)row[2 * i] : 0u) | (2 * i + 1 < k ? (unsigned)row[2 * i + 1] << 16 : 0u);
}

// 16 bytes of a row from `column` on, a multiple of their number; zero beyond k.
template <typename T> __device__ __forceinline__ uint4 read_piece(const T* row, unsigned column, unsigned k, int vectors) {
    if (column >= k) return make_uint4(0, 0, 0, 0);
    if (vectors) return __ldg((const uint4*)(row + column));
    unsigned first = column * (unsigned)sizeof(T) / 4;
    return make_uint4(word_of(row, first, k), word_of(row, first + 1, k), word_of(row, first + 2, k), word_of(row, first + 3, k));
}

__device__ __forceinline__ void widen_piece(uint4 piece, float w[PIECE]) {
    unsigned words[4] = {piece.x, piece.y, piece.z, piece.w};
    #pragma unroll
    for (int i = 0; i < PIECE; i++) {
        if constexpr (WEIGHT_TYPE == F32) w[i] = __uint_as_float(words[i]);
        else if constexpr (WEIGHT_TYPE == BF16) w[i] = __uint_as_float(i % 2 ? words[i / 2] & 0xFFFF0000u : words[i / 2] << 16);
        else w[i] = stored<F16>::widen((half_bits)(words[i / 2] >> 16 * (i % 2)));
    }
}

__device__ __forceinline__ void write_output(const LinearArgs& p, unsigned row, unsigned j, float dot) {
    if (row >= p.rows || j >= p.n) return;
    u64 index = (u64)row * p.n + j;
    float y = p.bias ? add(dot, p.bias[j]) : dot;
    p.y[index] = y;
    check_finite(p.fault, y, index);
}
