// The input of an integer Linear, quantised once for all outputs: q and dx of each row and chunk, and for Q4_K the sums of groups (chunk_quantization.cuh).
// Shapes: x [rows×k] binary32; q [rows][k rounded up to 256], zero beyond k; dx [rows][chunks]; sums [rows][chunks][16], for Q4_K only.
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

extern "C" __global__ void __launch_bounds__(THREADS) quantize_rows(QuantizeRowsArgs p) {
    const unsigned chunks = (p.k + CHUNK - 1) / CHUNK, count = p.rows * chunks, lane = threadIdx.x % 32;
    for (unsigned at = (blockIdx.x * THREADS + threadIdx.x) / 32; at < count; at += gridDim.x * (THREADS / 32)) {
        float x[8];
        unsigned q[2];
        read_eight(x, p.x + (u64)(at / chunks) * p.k, at % chunks * CHUNK + 8 * lane, p.k);
        float dx = quantize_chunk(x, q);
        p.q[(u64)at * 32 + lane] = make_uint2(q[0], q[1]);
        if (lane == 0) p.dx[at] = dx;
        if (p.sums != nullptr) write_group_sums(q, p.sums + (u64)at * 16, lane);
    }
}
