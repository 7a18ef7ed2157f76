// SrpProject: y[r, d] = mul(dot(h[r], sign[d]), div(1, sqrt(columns))), signs from Philox keyed by the bank seed.
// Shapes: h [rows × columns], y [rows × directions], parts [chunks × rows × directions].
// Order: per chunk of 256 coordinates acc = fma(h, ±1, acc) ascending; then the chunks' sums ascending from +0.
//   srp_project_chunks  a block: one chunk, 64 directions (one a thread), 4 rows; the chunk's 256 signs of a direction are two Philox calls in registers,
//                       h a broadcast from shared memory, and the four rows' chains hide each other's latency. Grid (⌈rows / 4⌉, chunks, ⌈directions / 64⌉).
//   srp_project_sum     a thread: one y, its chunks in order.
// An absent coordinate is h = +0: no chain from +0 ever holds −0 (its terms are not products that underflow), so fma(0, ±1, acc) = acc.
// Roofline, 32 × 8192 × 64: 1 MB of h, 0.3 µs; 16.8 M fma with 2 instructions a sign per 4 of them, 25 M instructions over 132 SMs = 1.5 k cycles; one
// chain is 256 dependent fma, 1 k cycles. About 2 µs, and the sums' launch.
#include "common.cuh"

#define DIRECTIONS 64
#define ROWS 4

struct SrpProjectArgs {
    const float* h;
    float* parts;
    float* y;
    u64 bank_seed;
    Fault fault;
    int rows, columns, directions;
};

// 32 coordinates of each row; bit i of signs is coordinate i's.
__device__ __forceinline__ void chain32(float acc[ROWS], const float tile[ROWS][CHUNK], int from, unsigned signs) {
    #pragma unroll 2
    for (int k = from; k < from + 32; k += 4, signs >>= 4) {
        float s0 = __uint_as_float(0x3F800000u | (signs << 31)), s1 = __uint_as_float(0x3F800000u | ((signs << 30) & 0x80000000u));
        float s2 = __uint_as_float(0x3F800000u | ((signs << 29) & 0x80000000u)), s3 = __uint_as_float(0x3F800000u | ((signs << 28) & 0x80000000u));
        #pragma unroll
        for (int r = 0; r < ROWS; r++) {
            float4 h = *(const float4*)&tile[r][k];
            acc[r] = fma_rn(h.w, s3, fma_rn(h.z, s2, fma_rn(h.y, s1, fma_rn(h.x, s0, acc[r]))));
        }
    }
}

extern "C" __global__ void __launch_bounds__(DIRECTIONS) srp_project_chunks(SrpProjectArgs p) {
    __shared__ __align__(16) float tile[ROWS][CHUNK];
    unsigned row = blockIdx.x * ROWS, chunk = blockIdx.y, direction = blockIdx.z * DIRECTIONS + threadIdx.x;
    for (unsigned i = threadIdx.x; i < ROWS * CHUNK; i += DIRECTIONS) {
        unsigned r = row + i / CHUNK, c = chunk * CHUNK + i % CHUNK;
        tile[i / CHUNK][i % CHUNK] = r < (unsigned)p.rows && c < (unsigned)p.columns ? p.h[(u64)r * p.columns + c] : 0.0f;
    }
    __syncthreads();
    if (direction >= (unsigned)p.directions) return;
    float acc[ROWS] = {0.0f, 0.0f, 0.0f, 0.0f};
    #pragma unroll 1
    for (unsigned half = 0; half < 2; half++) {
        uint4 signs = philox(p.bank_seed, 2 * chunk + half, direction, 0x53525044u, 0u);
        chain32(acc, tile, 128 * half, signs.x);
        chain32(acc, tile, 128 * half + 32, signs.y);
        chain32(acc, tile, 128 * half + 64, signs.z);
        chain32(acc, tile, 128 * half + 96, signs.w);
    }
    #pragma unroll
    for (int r = 0; r < ROWS; r++)
        if (row + r < (unsigned)p.rows) p.parts[((u64)chunk * p.rows + row + r) * p.directions + direction] = acc[r];
}

extern "C" __global__ void __launch_bounds__(128) srp_project_sum(SrpProjectArgs p) {
    u64 i = (u64)blockIdx.x * 128 + threadIdx.x, count = (u64)p.rows * p.directions;
    if (i >= count) return;
    float total = 0.0f;
    int chunks = (p.columns + CHUNK - 1) / CHUNK;
    #pragma unroll 8
    for (int chunk = 0; chunk < chunks; chunk++) total = add(total, p.parts[chunk * count + i]);
    float y = mul(total, div_rn(1.0f, sqrt_rn(__int2float_rn(p.columns))));
    p.y[i] = y;
    check_finite(p.fault, y, i);
}
