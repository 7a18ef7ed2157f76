// Attention for few rows, exact-1: one block per row, kv head and chunk of 256 keys, for up to QUERY_HEADS query heads at once, so that keys and values are read once.
//   s[j] = mul(dot(q, k[j]), scale)   m_c = max s   p[j] = exp(sub(s[j], m_c))   z_c = tree256(p)   o_c[d] = add(fma chain over ascending j of p[j], v[j][d], +0)
// (m_c, z_c, o_c) go to scratch; attention_merge.cu merges them. Blocks beyond a row's last chunk exit at once: the grid depends on shapes only.
// Threads: 128. Scores: thread = keys t and t + 128, one chain over the head dimension each. Softmax: a warp per query head. Sums: thread = two elements d, a chain
// over the keys, for a share of the query heads. Values are copied to shared memory while the scores are computed, so that the whole block of values, and four
// 16-byte groups of keys per thread, are in flight.
// Roofline per block, 16-bit cache, head_dim 128: 128 KiB read, 520 bytes of parts written per query head; 2·256·128·QUERY_HEADS fma. At 4.8 TB/s over 132
// multiprocessors a block's bytes take 6550 cycles at 1.8 GHz; arithmetic takes (QUERY_HEADS · 512 + 1536) cycles, shared memory 3100 … 4100. Bound by memory:
// predicted 75 % of the bandwidth with up to 4 query heads per kv head and long contexts, 65 % with 8.
#include "attention.cuh"
#ifndef CACHE_TYPE
#error CACHE_TYPE: 0 f32, 1 f16, 2 bf16
#endif
#ifndef HEAD_DIM
#error HEAD_DIM: 64, 128, or 0 for any
#endif
#ifndef QUERY_HEADS
#error QUERY_HEADS: 1, 2, 4 or 8
#endif

#define THREADS 128
#define WIDTH (HEAD_DIM == 64 || CACHE_TYPE == F32 ? 64 : 128)  // elements of the head summed in one pass: their values take 64 KiB at most
#define PAIRS (WIDTH / 2)                                      // threads that share a pass's elements …
#define SHARES (THREADS / PAIRS)                               // … and groups of them that share the query heads
#define SHARE ((QUERY_HEADS + SHARES - 1) / SHARES)            // query heads per thread
#define IN_FLIGHT 4                                            // 16-byte groups of a key loaded together

typedef kv_layout<CACHE_TYPE> layout;
typedef kv_word<CACHE_TYPE> word;
typedef layout::element element;

// Starts copying elements [d0, d0 + WIDTH) of the values of positions [first & ~3, (last | 3) + 1) to shared memory; hidden positions become zero,
// because what a page holds there is another sequence's, or none.
static __device__ __forceinline__ void copy_values(element* staged, const element* values, int d0, int first, int last, int padded) {
    const int groups = WIDTH / layout::GROUP;
    for (int i = (first & ~3) * groups + (int)threadIdx.x; i < ((last | 3) + 1) * groups; i += THREADS) {
        int position = i / groups, d = d0 + i % groups * layout::GROUP;
        bool visible = position >= first && position <= last && d < padded;
        ptx_copy_async16(staged + i * layout::GROUP, visible ? values + position * padded + d : values, visible ? 16 : 0);
    }
    ptx_copy_commit();
}

// total[h] = dot(q[h], k) for the key at `position` and, where `two`, total[QUERY_HEADS + h] for the one 128 further on.
static __device__ __forceinline__ void dot_keys(float total[2 * QUERY_HEADS], const float* q, const uint4* keys, int position, bool one, bool two, int padded) {
    float acc[2 * QUERY_HEADS];
    #pragma unroll
    for (int i = 0; i < 2 * QUERY_HEADS; i++) acc[i] = total[i] = 0.0f;
    const int groups = padded / layout::GROUP;
    #pragma unroll 1
    for (int g0 = 0; g0 < groups; g0 += IN_FLIGHT) {
        uint4 raw[2][IN_FLIGHT];
        #pragma unroll
        for (int g = 0; g < IN_FLIGHT; g++) {
            bool inside = HEAD_DIM || g0 + g < groups;
            raw[0][g] = one && inside ? ptx_load_streaming(keys + (g0 + g) * CHUNK + position) : make_uint4(0, 0, 0, 0);
            raw[1][g] = two && inside ? ptx_load_streaming(keys + (g0 + g) * CHUNK + position + THREADS) : make_uint4(0, 0, 0, 0);
        }
        #pragma unroll
        for (int g = 0; g < IN_FLIGHT; g++) {
            if (!HEAD_DIM && g0 + g >= groups) break;
            #pragma unroll
            for (int half = 0; half < layout::GROUP / 4; half++) { // four elements at a time: one 16-byte read of q
                float k[2][4];
                #pragma unroll
                for (int i = 0; i < 2; i++) {
                    unsigned words[4] = {raw[i][g].x, raw[i][g].y, raw[i][g].z, raw[i][g].w};
                    #pragma unroll
                    for (int w = 0; w < 4 / word::COUNT; w++) word::widen(words[half * (4 / word::COUNT) + w], k[i] + w * word::COUNT);
                }
                #pragma unroll
                for (int h = 0; h < QUERY_HEADS; h++) {
                    float4 x = *(const float4*)(q + h * padded + (g0 + g) * layout::GROUP + half * 4);
                    #pragma unroll
                    for (int i = 0; i < 2; i++) {
                        float chain = acc[i * QUERY_HEADS + h];
                        chain = fma_rn(x.x, k[i][0], chain);
                        chain = fma_rn(x.y, k[i][1], chain);
                        chain = fma_rn(x.z, k[i][2], chain);
                        acc[i * QUERY_HEADS + h] = fma_rn(x.w, k[i][3], chain);
                    }
                }
            }
            if (!HEAD_DIM && (g0 + g + 1) * layout::GROUP % CHUNK == 0) { // a chunk of the dot product ends
                #pragma unroll
                for (int i = 0; i < 2 * QUERY_HEADS; i++) {
                    total[i] = add(total[i], acc[i]);
                    acc[i] = 0.0f;
                }
            }
        }
    }
    #pragma unroll
    for (int i = 0; i < 2 * QUERY_HEADS; i++) total[i] = add(total[i], acc[i]);
}

extern "C" __global__ void __launch_bounds__(THREADS, 3) attention_decode(AttentionArgs p) {
    DYNAMIC_SHARED(float, shared);
    float (*weights)[CHUNK] = (float (*)[CHUNK])shared; // [QUERY_HEADS]: scores, then p
    float* q = shared + QUERY_HEADS * CHUNK;            // [QUERY_HEADS][padded]
    const int head_dim = HEAD_DIM ? HEAD_DIM : p.head_dim, padded = layout::padded(head_dim);
    element* staged = (element*)(q + QUERY_HEADS * padded); // values [256][WIDTH]

    const int row = p.first_row + (int)blockIdx.z, position = p.positions[row], group = p.heads / p.kv_heads;
    const int tiles = (group + QUERY_HEADS - 1) / QUERY_HEADS, kv_head = blockIdx.y / tiles, head0 = kv_head * group + blockIdx.y % tiles * QUERY_HEADS;
    const int heads = min(QUERY_HEADS, (kv_head + 1) * group - head0);
    const int first_key = first_visible(position, p.window), chunk = first_key / CHUNK + (int)blockIdx.x;
    if (chunk > position / CHUNK) return;
    const int first = max(0, first_key - chunk * CHUNK), last = min(CHUNK - 1, position - chunk * CHUNK);

    const element* keys = kv_block<CACHE_TYPE>(p, p.sequences[row], chunk, kv_head, padded);
    const element* values = keys + CHUNK * padded;
    copy_values(staged, values, 0, first, last, padded);
    for (int i = threadIdx.x; i < QUERY_HEADS * padded; i += THREADS) {
        int h = i / padded, d = i % padded;
        q[i] = h < heads && d < head_dim ? p.q[((u64)row * p.heads + head0 + h) * head_dim + d] : 0.0f;
    }
    __syncthreads();

    float s[2 * QUERY_HEADS];
    const int t = threadIdx.x;
    const bool one = t >= first && t <= last, two = t + THREADS >= first && t + THREADS <= last;
    dot_keys(s, q, (const uint4*)keys, t, one, two, padded);
    #pragma unroll
    for (int h = 0; h < QUERY_HEADS; h++) {
        weights[h][t] = one ? mul(s[h], p.scale) : __uint_as_float(0xFF800000u);
        weights[h][t + THREADS] = two ? mul(s[QUERY_HEADS + h], p.scale) : __uint_as_float(0xFF800000u);
    }
    __syncthreads();

    const int lane = t % 32;
    for (int h = t / 32; h < heads; h += THREADS / 32) {
        float v[8], m = __uint_as_float(0xFF800000u);
        #pragma unroll
        for (int i = 0; i < 8; i++) {
            v[i] = weights[h][32 * i + lane];
            m = v[i] > m ? v[i] : m;
        }
        m = warp_max(m);
        #pragma unroll
        for (int i = 0; i < 8; i++) {
            int j = 32 * i + lane;
            weights[h][j] = v[i] = j >= first && j <= last ? exact_exp(sub(v[i], m)) : 0.0f;
        }
        float z = warp_tree256(v);
        if (lane == 0) p.states[part_index(p, row, head0 + h, blockIdx.x)] = make_float2(m, z);
    }

    const int pair = t % PAIRS, share = t / PAIRS * SHARE;
    for (int d0 = 0; d0 < head_dim; d0 += WIDTH) {
        if (d0) {
            __syncthreads(); // the pass before has read its values
            copy_values(staged, values, d0, first, last, padded);
        }
        ptx_copy_wait<0>();
        __syncthreads();
        if (share >= QUERY_HEADS) continue;
        float o[SHARE][2];
        #pragma unroll
        for (int h = 0; h < SHARE; h++) o[h][0] = o[h][1] = 0.0f;
        #pragma unroll 2
        for (int j = first & ~3; j <= last; j += 4) {
            float v[4][2];
            #pragma unroll
            for (int i = 0; i < 4; i++) {
                const unsigned* at = (const unsigned*)(staged + (j + i) * WIDTH + 2 * pair);
                word::widen(at[0], v[i]);
                if (word::COUNT == 1) word::widen(at[1], v[i] + 1);
            }
            #pragma unroll
            for (int h = 0; h < SHARE; h++) {
                float4 w = *(const float4*)&weights[share + h][j];
                #pragma unroll
                for (int e = 0; e < 2; e++) {
                    float chain = o[h][e];
                    chain = fma_rn(w.x, v[0][e], chain);
                    chain = fma_rn(w.y, v[1][e], chain);
                    chain = fma_rn(w.z, v[2][e], chain);
                    o[h][e] = fma_rn(w.w, v[3][e], chain);
                }
            }
        }
        #pragma unroll
        for (int h = 0; h < SHARE; h++) {
            if (share + h >= heads) break;
            float* out = p.parts + part_index(p, row, head0 + share + h, blockIdx.x) * head_dim;
            #pragma unroll
            for (int e = 0; e < 2; e++)
                if (d0 + 2 * pair + e < head_dim) out[d0 + 2 * pair + e] = add(o[h][e], 0.0f);
        }
    }
}
