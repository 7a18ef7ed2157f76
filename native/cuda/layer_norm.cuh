// What layer_norm.cu and modulate.cu share: mean and scale of one row by one warp, exact-1.
//   mu = div(sum(x), n)   d = sub(x, mu)   r = div(1, sqrt(add(div(sum(mul(d, d)), n), eps))), NaN if the sum is not finite
// sum: tree256 in each chunk of 256 columns, lane l holding elements 32·i + l, chunks added in ascending order from +0; absent elements are +0, in the second sum too.
#pragma once
#include "common.cuh"

#define ROWS 4 // rows, each of a warp, per block: a few hundred tokens are to fill the device

struct RowStatistics {
    float mean, r;
};

static __device__ __forceinline__ RowStatistics row_statistics(const float* x, int columns, float epsilon, int lane) {
    float n = (float)columns, sum = 0.0f, squares = 0.0f;
    for (int start = 0; start < columns; start += CHUNK) {
        float v[8];
        #pragma unroll
        for (int i = 0; i < 8; i++) v[i] = start + 32 * i + lane < columns ? x[start + 32 * i + lane] : 0.0f;
        sum = add(sum, warp_tree256(v));
    }
    RowStatistics row;
    row.mean = div_rn(sum, n);
    for (int start = 0; start < columns; start += CHUNK) {
        float v[8];
        #pragma unroll
        for (int i = 0; i < 8; i++) {
            float d = start + 32 * i + lane < columns ? sub(x[start + 32 * i + lane], row.mean) : 0.0f;
            v[i] = mul(d, d);
        }
        squares = add(squares, warp_tree256(v));
    }
    row.r = is_finite(squares) ? div_rn(1.0f, sqrt_rn(add(div_rn(squares, n), epsilon))) : __uint_as_float(0x7FC00000u);
    return row;
}

static __device__ __forceinline__ float normalized(RowStatistics row, float x) { return mul(sub(x, row.mean), row.r); }
