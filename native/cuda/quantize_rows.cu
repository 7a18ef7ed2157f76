// The input of an integer Linear of many rows, quantised once for all outputs: q and dx of each row and chunk (chunk_quantization.cuh).
// Shapes: x [rows×k] binary32; q [rows][k rounded up to 256], zero beyond k; dx [rows][chunks]; sums [rows][chunks][16], for Q4_K only: with Σ the sum of q over
// group g of 32 elements, Σ = 64·high + low, −32 ≤ low < 32, byte g is low and byte 8 + g is high (|Σ| ≤ 127·32, so |high| ≤ 64).
// Threads: a warp per chunk, eight consecutive elements per lane; a grid-stride loop over chunks.
// Roofline: 5 bytes per element: rows = k = 4096 takes 84 MB, 25 µs of an H100's bandwidth, less where x is still in the second-level cache; the I8-256
// product with 4096 outputs takes 140 µs at half the integer peak. About 150 instructions per warp and chunk, of 270 issue slots in the time its bytes take.
#include "chunk_quantization.cuh"
#define THREADS 256

struct QuantizeRowsArgs {
    const float* x;
    uint2* q;
    float* dx;
    signed char* sums; // or null
    unsigned rows, k;
};

__device__ __forceinline__ void read_eight(float x[8], const float* row, unsigned column, unsigned k) {
    if (k % 4 == 0 && column + 8 <= k) {
        float4 a = *(const float4*)(row + column), b = *(const float4*)(row + column + 4);
        x[0] = a.x, x[1] = a.y, x[2] = a.z, x[3] = a.w, x[4] = b.x, x[5] = b.y, x[6] = b.z, x[7] = b.w;
        return;
    }
    #pragma unroll
    for (int i = 0; i < 8; i++) x[i] = column + i < k ? row[column + i] : 0.0f;
}

extern "C" __global__ void __launch_bounds__(THREADS) quantize_rows(QuantizeRowsArgs p) {
    const unsigned chunks = (p.k + CHUNK - 1) / CHUNK, count = p.rows * chunks, lane = threadIdx.x % 32;
    for (unsigned at = (blockIdx.x * THREADS + threadIdx.x) / 32; at < count; at += gridDim.x * (THREADS / 32)) {
        float x[8];
        unsigned q[2];
        read_eight(x, p.x + (u64)(at / chunks) * p.k, at % chunks * CHUNK + 8 * lane, p.k);
        float dx = quantize_chunk(x, q);
        p.q[(u64)at * 32 + lane] = make_uint2(q[0], q[1]);
        if (lane == 0) p.dx[at] = dx;
        if (p.sums == nullptr) continue;
        int sum = 0;
        #pragma unroll
        for (int i = 0; i < 8; i++) sum += (signed char)(q[i / 4] >> i % 4 * 8);
        sum += __shfl_xor_sync(0xFFFFFFFFu, sum, 1);
        sum += __shfl_xor_sync(0xFFFFFFFFu, sum, 2);
        if (lane % 4 != 0) continue;
        int low = ((sum + 32) & 63) - 32;
        p.sums[(u64)at * 16 + lane / 4] = (signed char)low;
        p.sums[(u64)at * 16 + 8 + lane / 4] = (signed char)((sum - low) >> 6);
    }
}
