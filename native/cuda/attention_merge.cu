// The parts of attention's chunks merged in ascending order, exact-1. Per row and head, from m = −∞, z = +0, o = +0:
//   m' = max(m, m_c)   a = exp(sub(m, m'))   b = exp(sub(m_c, m'))   z = fma(z, a, mul(z_c, b))   o[d] = fma(o[d], a, mul(o_c[d], b))   m = m'   and y[d] = div(o[d], z)
// The chain of maxima is a prefix maximum, which rounds nothing: lane = chunk computes 32 steps' a and b at once. Then lane = d runs the chain of fma.
// Once a chunk's m_c or z_c is not finite, z is NaN in any order of the maxima, and so is y.
// Block: 128 threads per row and head, each warp by itself. Bytes: (4·head_dim + 8) per row, head and chunk, 3 % of the cache bytes per query head in decode with
// head_dim 128 and 16 bits; 32 loads per thread in flight. Predicted 3 µs at 8k positions: latency, not bandwidth.
#include "attention.cuh"

#define THREADS 128

extern "C" __global__ void __launch_bounds__(THREADS) attention_merge(AttentionArgs p) {
    const int row = p.first_row + (int)(blockIdx.x / p.heads), head = blockIdx.x % p.heads, lane = threadIdx.x % 32;
    const int position = p.positions[row], chunks = position / CHUNK - first_visible(position, p.window) / CHUNK + 1;
    const u64 part = part_index(p, row, head, 0);
    for (int d = threadIdx.x; d - lane < p.head_dim; d += THREADS) {
        float m = __uint_as_float(0xFF800000u), z = 0.0f, o = 0.0f;
        for (int c0 = 0; c0 < chunks; c0 += 32) {
            const int count = min(32, chunks - c0);
            float sums[32];
            #pragma unroll
            for (int i = 0; i < 32; i++) sums[i] = i < count && d < p.head_dim ? p.parts[(part + c0 + i) * p.head_dim + d] : 0.0f;
            float2 state = lane < count ? p.states[part + c0 + lane] : make_float2(__uint_as_float(0xFF800000u), 0.0f);
            float largest = state.x;
            #pragma unroll
            for (int step = 1; step < 32; step *= 2) {
                float before = __shfl_up_sync(0xFFFFFFFFu, largest, step);
                if (lane >= step && !(largest > before)) largest = before;
            }
            if (!(largest > m)) largest = m;
            float before = __shfl_up_sync(0xFFFFFFFFu, largest, 1);
            if (lane == 0) before = m;
            float a = exact_exp(sub(before, largest)), b = exact_exp(sub(state.x, largest)), zb = mul(state.y, b);
            #pragma unroll
            for (int i = 0; i < 32; i++) {
                if (i >= count) break;
                float ai = __shfl_sync(0xFFFFFFFFu, a, i);
                z = fma_rn(z, ai, __shfl_sync(0xFFFFFFFFu, zb, i));
                o = fma_rn(o, ai, mul(sums[i], __shfl_sync(0xFFFFFFFFu, b, i)));
            }
            m = __shfl_sync(0xFFFFFFFFu, largest, 31);
        }
        if (d >= p.head_dim) continue; // the shuffles above need the whole warp
        u64 index = ((u64)row * p.heads + head) * p.head_dim + d;
        float y = div_rn(o, z);
        p.y[index] = y;
        check_finite(p.fault, y, index);
    }
}
