// RMS norm of each row, exact-1: r = div(1, sqrt(add(div(sum(mul(x, x)), n), eps))), NaN if the sum is not finite; y = mul(mul(x, r), weight).
// Shapes: x, y [rows × columns], weight [columns]; y may be x. sum: tree256 in each chunk of 256 columns, chunks added in ascending order from +0.
// rms_norm_narrow: a warp per row, 8 rows per block; lane l holds elements 32·i + l of a chunk. For the norms of heads, and wherever rows alone fill the device.
// rms_norm_wide: a block of 16 warps per row, warp w taking chunks w, w + 16, …; every thread then adds the chunks' sums in order. For few wide rows.
// Roofline: 8 bytes per element (a second read of x comes from the first-level cache), 4 flops; bandwidth for many rows, predicted 85 % of it; one decode row of
// 4096 columns is latency: two dependent reads and 16 additions, predicted 2.5 µs.
#include "common.cuh"

#define WARPS 16 // of a block of rms_norm_wide
#define ROWS 8   // of a block of rms_norm_narrow

struct RmsNormArgs {
    const float* x;
    const float* weight;
    float* y;
    Fault fault;
    int rows, columns;
    float epsilon;
};

// tree256 of the squares of columns [start, start + 256) of a row, +0 beyond its end. All lanes get it.
static __device__ __forceinline__ float sum_of_squares(const float* x, int start, int columns, int lane) {
    float squares[8];
    #pragma unroll
    for (int i = 0; i < 8; i++) {
        int column = start + 32 * i + lane;
        float v = column < columns ? x[column] : 0.0f;
        squares[i] = mul(v, v);
    }
    return warp_tree256(squares);
}

static __device__ __forceinline__ float scale_of(float sum, const RmsNormArgs& p) {
    if (!is_finite(sum)) return __uint_as_float(0x7FC00000u);
    return div_rn(1.0f, sqrt_rn(add(div_rn(sum, (float)p.columns), p.epsilon)));
}

static __device__ __forceinline__ void normalize(const RmsNormArgs& p, int row, int column, float r) {
    u64 index = (u64)row * p.columns + column;
    float y = mul(mul(p.x[index], r), p.weight[column]);
    p.y[index] = y;
    check_finite(p.fault, y, index);
}

extern "C" __global__ void __launch_bounds__(32 * ROWS) rms_norm_narrow(RmsNormArgs p) {
    int row = (int)blockIdx.x * ROWS + (int)threadIdx.x / 32, lane = threadIdx.x % 32;
    if (row >= p.rows) return;
    float sum = 0.0f;
    for (int start = 0; start < p.columns; start += CHUNK) sum = add(sum, sum_of_squares(p.x + (u64)row * p.columns, start, p.columns, lane));
    float r = scale_of(sum, p);
    for (int column = lane; column < p.columns; column += 32) normalize(p, row, column, r);
}

extern "C" __global__ void __launch_bounds__(32 * WARPS) rms_norm_wide(RmsNormArgs p) {
    __shared__ float sums[WARPS];
    int row = blockIdx.x, warp = threadIdx.x / 32, lane = threadIdx.x % 32;
    float sum = 0.0f;
    for (int start = 0; start < p.columns; start += CHUNK * WARPS) {
        float chunk = sum_of_squares(p.x + (u64)row * p.columns, start + CHUNK * warp, p.columns, lane);
        __syncthreads(); // the sums before have been added
        if (lane == 0) sums[warp] = chunk;
        __syncthreads();
        #pragma unroll
        for (int w = 0; w < WARPS; w++) sum = add(sum, sums[w]); // a chunk beyond the end is +0, and a sum of squares never −0
    }
    float r = scale_of(sum, p);
    for (int column = threadIdx.x; column < p.columns; column += 32 * WARPS) normalize(p, row, column, r);
}
