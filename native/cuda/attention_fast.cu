// Attention for many rows in the fast mode: tensor cores and an online softmax (Dao et al., "FlashAttention-2"; Milakov and Gimelshein's rescaling). No bits promised.
//   S = (q · scale · log2 e) Kᵀ in 16 bits with binary32 sums; p = 2^(S − m) with the running maximum m of a query; O and z are rescaled when m grows; y = O / z.
// Queries, p, keys and values enter the products in the cache's type. A query of F16 beyond 65504 / (scale · log2 e) becomes infinite, and its row a fault.
// One block per tile of 64 queries of one kv head (64 / group rows, each with the kv head's query heads), 4 warps of 16 queries, over 64 keys at a time. A tile may span
// sequences: runs of rows of one sequence are done one after the other; a query keeps its state while the others' keys pass, hidden. Tiles that see most start first.
// Fragments: a thread has queries lane / 4 and lane / 4 + 8 of its warp. Keys lie in shared memory as in the cache, groups of 8 elements by position: 8×8 tiles without
// bank conflicts; rows of values are 16 bytes longer than the head, for the same reason.
// Roofline, head_dim 128: 2.1 MFLOP per block and 64 keys against 32 KiB of cache, mostly from the second-level cache: bound by tensor cores in principle; each operand of
// mma.sync is read from shared memory by every warp, 2 cycles' worth per 2 cycles of product, so predicted 30 % of the dense peak of a device of compute capability 9,
// 55 % of one of 8.0.
#include "attention.cuh"
#ifndef CACHE_TYPE
#error CACHE_TYPE: 1 f16, 2 bf16
#endif
#ifndef HEAD_DIM
#error HEAD_DIM: 64 or 128
#endif

#define THREADS 128
#define QUERIES 64
#define KEYS 64                  // positions per step
#define STEPS (HEAD_DIM / 16)    // products of 16 elements along the head
#define GROUPS (HEAD_DIM / 8)    // 16-byte groups of a head
#define PITCH (HEAD_DIM + 8)     // elements from one position's values to the next in shared memory

typedef kv_layout<CACHE_TYPE> layout;

struct Stage {
    uint4 keys[GROUPS][KEYS];
    half_bits values[KEYS][PITCH];
};

static __device__ __forceinline__ void multiply(float d[4], const unsigned a[4], const unsigned b[2]) {
    if (CACHE_TYPE == BF16) ptx_mma_bf16_16816(d, a, b);
    else ptx_mma_f16_16816(d, a, b);
}

static __device__ __forceinline__ unsigned pack(float low, float high) { return CACHE_TYPE == BF16 ? ptx_pack_bf16(low, high) : ptx_pack_f16(low, high); }

// Starts copying the keys and values of 64 positions from `start` of the page on; zero outside [first, last] (a page may hold anything there).
static __device__ __forceinline__ void copy_stage(Stage& to, const half_bits* block, int start, int first, int last) {
    #pragma unroll
    for (int i = threadIdx.x; i < KEYS * GROUPS; i += THREADS) {
        int group = i / KEYS, position = start + i % KEYS;
        ptx_copy_async16(&to.keys[group][i % KEYS], block + layout::key(position, 8 * group), position >= first && position <= last ? 16 : 0);
    }
    #pragma unroll
    for (int i = threadIdx.x; i < KEYS * GROUPS; i += THREADS) {
        int group = i % GROUPS, position = start + i / GROUPS;
        ptx_copy_async16(&to.values[i / GROUPS][8 * group], block + layout::value(position, 8 * group, HEAD_DIM), position >= first && position <= last ? 16 : 0);
    }
    ptx_copy_commit();
}

// One query of a thread: a row of the step and a head, the keys it sees, and its softmax so far; z is of this thread's keys.
struct Query {
    int row, head, first, last;
    float m, z;
};

// s becomes p of the query, whose elements are 2 · half and 2 · half + 1 of each s[n]. Returns the factor for what was summed before.
static __device__ __forceinline__ float weigh(Query& q, float s[KEYS / 8][4], int half) {
    float m = q.m;
    #pragma unroll
    for (int n = 0; n < KEYS / 8; n++) m = fmaxf(m, fmaxf(s[n][2 * half], s[n][2 * half + 1]));
    m = fmaxf(m, __shfl_xor_sync(0xFFFFFFFFu, m, 1));
    m = fmaxf(m, __shfl_xor_sync(0xFFFFFFFFu, m, 2));
    float origin = m == __uint_as_float(0xFF800000u) ? 0.0f : m; // nothing seen yet: all p are 2^−∞
    float factor = ptx_exp2(q.m - origin), sum = 0.0f;
    #pragma unroll
    for (int n = 0; n < KEYS / 8; n++)
        #pragma unroll
        for (int e = 2 * half; e < 2 * half + 2; e++) {
            s[n][e] = ptx_exp2(s[n][e] - origin);
            sum += s[n][e];
        }
    q.m = m;
    q.z = q.z * factor + sum;
    return factor;
}

// 64 keys against the warp's 16 queries. `start` is the absolute position of the first.
static __device__ __forceinline__ void attend(const Stage& stage, const unsigned a[STEPS][4], float o[GROUPS][4], Query q[2], int start, int lane) {
    float s[KEYS / 8][4];
    #pragma unroll
    for (int n = 0; n < KEYS / 8; n++) s[n][0] = s[n][1] = s[n][2] = s[n][3] = 0.0f;
    #pragma unroll
    for (int step = 0; step < STEPS; step++)
        #pragma unroll
        for (int n = 0; n < KEYS / 8; n += 2) {
            unsigned b[4]; // two groups of 8 elements, for eight keys and then for the next eight
            ptx_load_matrix(b, &stage.keys[2 * step + lane / 8 % 2][8 * (n + lane / 16) + lane % 8]);
            multiply(s[n], a[step], b);
            multiply(s[n + 1], a[step], b + 2);
        }

    bool all = true;
    #pragma unroll
    for (int half = 0; half < 2; half++) all = all && start >= q[half].first && start + KEYS - 1 <= q[half].last;
    if (!__all_sync(0xFFFFFFFFu, all)) {
        #pragma unroll
        for (int n = 0; n < KEYS / 8; n++)
            #pragma unroll
            for (int e = 0; e < 4; e++) {
                int key = start + 8 * n + 2 * (lane % 4) + e % 2;
                if (key < q[e / 2].first || key > q[e / 2].last) s[n][e] = __uint_as_float(0xFF800000u);
            }
    }
    float factors[2] = {weigh(q[0], s, 0), weigh(q[1], s, 1)};
    #pragma unroll
    for (int n = 0; n < GROUPS; n++)
        #pragma unroll
        for (int e = 0; e < 4; e++) o[n][e] *= factors[e / 2];

    #pragma unroll
    for (int step = 0; step < KEYS / 16; step++) {
        // Sums of the first product lie as operands of the second want them.
        unsigned w[4] = {pack(s[2 * step][0], s[2 * step][1]), pack(s[2 * step][2], s[2 * step][3]), pack(s[2 * step + 1][0], s[2 * step + 1][1]), pack(s[2 * step + 1][2], s[2 * step + 1][3])};
        #pragma unroll
        for (int n = 0; n < GROUPS; n += 2) {
            unsigned b[4]; // 16 keys of eight elements, and then of the next eight
            ptx_load_matrix_transposed(b, &stage.values[16 * step + lane % 16][8 * (n + lane / 16)]);
            multiply(o[n], w, b);
            multiply(o[n + 1], w, b + 2);
        }
    }
}

extern "C" __global__ void __launch_bounds__(THREADS, 2) attention_fast(AttentionArgs p) {
    DYNAMIC_SHARED(Stage, stages); // [2]
    // A group of more than 64 query heads is done in parts.
    const int group = p.heads / p.kv_heads, parts = (group + QUERIES - 1) / QUERIES, part = blockIdx.x % parts, kv_head = blockIdx.x / parts;
    const int heads = min(QUERIES, group - part * QUERIES), rows = max(1, QUERIES / group), lane = threadIdx.x % 32;
    const int row = (int)(gridDim.y - 1 - blockIdx.y) * rows, end = min(row + rows, p.rows);

    Query q[2];
    unsigned a[STEPS][4];
    float o[GROUPS][4];
    #pragma unroll
    for (int half = 0; half < 2; half++) {
        int index = threadIdx.x / 32 * 16 + lane / 4 + 8 * half;
        bool exists = index < rows * heads && row + index / heads < end;
        q[half] = {exists ? row + index / heads : end, kv_head * group + part * QUERIES + index % heads, 0, -1, __uint_as_float(0xFF800000u), 0.0f};
        const float* x = p.q + ((u64)(exists ? q[half].row : row) * p.heads + q[half].head) * HEAD_DIM + 2 * (lane % 4);
        const float factor = exists ? p.scale * 1.44269504f : 0.0f;
        #pragma unroll
        for (int i = 0; i < 2 * STEPS; i++) {
            float2 v = *(const float2*)(x + 8 * i);
            a[i / 2][half + 2 * (i % 2)] = exists ? pack(v.x * factor, v.y * factor) : 0;
        }
    }
    #pragma unroll
    for (int n = 0; n < GROUPS; n++) o[n][0] = o[n][1] = o[n][2] = o[n][3] = 0.0f;

    for (int run = row, run_end; run < end; run = run_end) {
        for (run_end = run + 1; run_end < end && p.sequences[run_end] == p.sequences[run]; run_end++) {}
        #pragma unroll
        for (int half = 0; half < 2; half++) {
            bool here = q[half].row >= run && q[half].row < run_end;
            q[half].last = here ? p.positions[q[half].row] : -1;
            q[half].first = here ? first_visible(q[half].last, p.window) : 0;
        }
        const int sequence = p.sequences[run], first = first_visible(p.positions[run], p.window), last = p.positions[run_end - 1];
        for (int start = first / KEYS * KEYS, at = 0, next = start; start <= last; start += KEYS, at ^= 1) {
            // The first turn starts two copies, the others one.
            for (; next <= min(last, start + KEYS); next += KEYS) {
                int chunk = next / CHUNK, origin = chunk * CHUNK;
                Stage& to = stages[next == start ? at : at ^ 1];
                copy_stage(to, kv_block<CACHE_TYPE>(p, sequence, chunk, kv_head, HEAD_DIM), next - origin, first - origin, last - origin);
            }
            if (next > start + KEYS) ptx_copy_wait<1>();
            else ptx_copy_wait<0>();
            __syncthreads();
            bool any = false;
            #pragma unroll
            for (int half = 0; half < 2; half++) any = any || (start <= q[half].last && start + KEYS - 1 >= q[half].first);
            if (__any_sync(0xFFFFFFFFu, any)) attend(stages[at], a, o, q, start, lane);
            __syncthreads(); // the stage may be filled again
        }
    }

    #pragma unroll
    for (int half = 0; half < 2; half++) {
        float z = q[half].z + __shfl_xor_sync(0xFFFFFFFFu, q[half].z, 1);
        z += __shfl_xor_sync(0xFFFFFFFFu, z, 2);
        if (q[half].row >= end) continue;
        u64 index = ((u64)q[half].row * p.heads + q[half].head) * HEAD_DIM + 2 * (lane % 4);
        #pragma unroll
        for (int n = 0; n < GROUPS; n++) {
            float2 y = make_float2(o[n][2 * half] / z, o[n][2 * half + 1] / z);
            *(float2*)(p.y + index + 8 * n) = y;
            check_finite(p.fault, y.x, index + 8 * n);
            check_finite(p.fault, y.y, index + 8 * n + 1);
        }
    }
}
