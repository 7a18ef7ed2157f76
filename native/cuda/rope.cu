// Rotary embedding in place, half-split: for i < d = head_dim / 2, a = x[i], b = x[i + d]:
//   a' = fma(−b, sin, mul(a, cos)),   b' = fma(a, sin, mul(b, cos)).
// Shapes: x f32 [rows × heads × head_dim], table f32 [positions × head_dim]: per position d cosines, then d sines; positions int32 [rows].
// Pairs are independent: no order to keep; nothing is checked.
// Threads: blocks (row, part); a thread rotates four pairs of one head (four loads of 16 bytes, two stores), or one where d is no multiple of 4.
// Roofline: bandwidth; 8 bytes of x per element, the table's row from cache.
#include "common.cuh"
#define THREADS 256

struct RopeArgs {
    float* x;
    const float* table;
    const int* positions;
    int heads;
    int head_dim;
};

static __device__ __forceinline__ void rotate(float& a, float& b, float cos, float sin) {
    float rotated = fma_rn(-b, sin, mul(a, cos));
    b = fma_rn(a, sin, mul(b, cos));
    a = rotated;
}

extern "C" __global__ void __launch_bounds__(THREADS) rope(RopeArgs p) {
    int d = p.head_dim / 2, first = blockIdx.y * THREADS + threadIdx.x, stride = gridDim.y * THREADS;
    float* row = p.x + (u64)blockIdx.x * p.heads * p.head_dim;
    const float* cosines = p.table + (u64)p.positions[blockIdx.x] * p.head_dim;
    const float* sines = cosines + d;
    if (d % 4 == 0) {
        for (int g = first; g < p.heads * (d / 4); g += stride) {
            int head = g / (d / 4), i = g % (d / 4) * 4;
            float4* low = (float4*)(row + (u64)head * p.head_dim + i);
            float4* high = (float4*)(row + (u64)head * p.head_dim + d + i);
            float4 a = *low, b = *high, cos = *(const float4*)(cosines + i), sin = *(const float4*)(sines + i);
            rotate(a.x, b.x, cos.x, sin.x);
            rotate(a.y, b.y, cos.y, sin.y);
            rotate(a.z, b.z, cos.z, sin.z);
            rotate(a.w, b.w, cos.w, sin.w);
            *low = a;
            *high = b;
        }
    } else {
        for (int g = first; g < p.heads * d; g += stride) {
            float* pair = row + (u64)(g / d) * p.head_dim + g % d;
            rotate(pair[0], pair[d], cosines[g % d], sines[g % d]);
        }
    }
}
