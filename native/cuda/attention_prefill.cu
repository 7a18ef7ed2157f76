// Attention for many rows, exact-1: one block per tile of 48 queries of one kv head (48 / group rows, each with the kv head's query heads) and per chunk of 256 keys,
// so that a key is read once for 48 queries. The bits are those of attention_decode.cu:
//   s[j] = mul(dot(q, k[j]), scale)   m_c = max s   p[j] = exp(sub(s[j], m_c))   z_c = tree256(p)   o_c[d] = add(fma chain over ascending j of p[j], v[j][d], +0)
// (m_c, z_c, o_c) go to scratch; attention_merge.cu merges them. A tile may span sequences: its runs of rows of one sequence are done one after the other, each with
// the chunk blockIdx.x of its own. Hidden keys weigh p = +0, which changes no chain.
// Threads: 256. Warp w has queries 6w … 6w + 5. Scores: lane = keys lane + 32·i, i < 8: 48 chains per thread, which is how warp_tree256 wants them. Sums: lane =
// elements 64·i + 2·lane + {0, 1}. Queries, keys and values come through rings of slices copied ahead; the weights p take the place of the ring of keys.
// Roofline, 16-bit cache, head_dim 128: 48·256·128·2 fma per block, 24576 cycles of a multiprocessor's 128 lanes; per 384 fma a warp has 56 cycles of shared memory
// against 96 of arithmetic in the first product, 14 against 24 in the second; widening adds 1/6. 128 KiB of cache and 25 KiB of parts per block are 5 % of that
// time. Bound by issue: predicted 65 % of the binary32 peak on whole chunks, half of that on the diagonal one.
#include "attention.cuh"
#ifndef CACHE_TYPE
#error CACHE_TYPE: 0 f32, 1 f16, 2 bf16
#endif
#ifndef HEAD_DIM
#error HEAD_DIM: 64, 128, or 0 for any
#endif

#define THREADS 256
#define OWN 6                             // queries per warp: more would not fit 128 registers
#define QUERIES (OWN * THREADS / 32)
#define WIDTH (HEAD_DIM ? HEAD_DIM : 128) // elements of the head summed in one pass
#define PAIRS (WIDTH / 64)                // pairs of them per lane
#define SLICE 16                          // elements of the head per slice of queries and keys
#define SLICES 3                          // of the ring
#define POSITIONS 32                      // positions per slice of values; two slices are a ring

typedef kv_layout<CACHE_TYPE> layout;
typedef kv_word<CACHE_TYPE> word;
typedef layout::element element;
#define GROUPS (SLICE / layout::GROUP)

// Blocks per multiprocessor the registers must do for. Where two would spill, one has them all.
#if __CUDA_ARCH__ >= 900 && CACHE_TYPE != F32 && HEAD_DIM != 0
#define RESIDENT 2
#else
#define RESIDENT 1
#endif

// Shared memory: the ring of keys and queries, or the weights; then the ring of values.
struct KeySlice {
    uint4 keys[GROUPS][CHUNK];
    float queries[QUERIES][SLICE];
};
union Front {
    KeySlice slices[SLICES];
    float weights[QUERIES][CHUNK];
};
struct Shared {
    Front front;
    element values[2][POSITIONS][WIDTH];
};

// What a warp's query i is: a row of the tile's run and a head, and the lanes of the chunk it sees. None are seen by what is not a query of the run.
struct Query {
    int row, head, first, last;
};

struct Tile {
    int row, end, rows_of_group, kv_head, head0, heads; // rows [row, end) of the step, of which rows_of_group · heads ≤ 48 queries
};

static __device__ __forceinline__ Query query_of(const AttentionArgs& p, const Tile& tile, int index, int run, int run_end, int chunk) {
    Query q = {tile.row + index / tile.heads, tile.head0 + index % tile.heads, 0, -1};
    if (q.row < run || q.row >= run_end) return q;
    int position = p.positions[q.row];
    q.first = max(0, first_visible(position, p.window) - chunk * CHUNK);
    q.last = min(CHUNK - 1, position - chunk * CHUNK);
    return q;
}

// Starts copying elements [16·slice, 16·slice + 16) of every key of the chunk and of the tile's queries; zero beyond the head.
static __device__ __forceinline__ void copy_keys(const AttentionArgs& p, const Tile& tile, KeySlice& to, const uint4* keys, int slice, int head_dim, int groups) {
    #pragma unroll
    for (int g = 0; g < GROUPS; g++) {
        int group = slice * GROUPS + g;
        ptx_copy_async16(&to.keys[g][threadIdx.x], group < groups ? keys + group * CHUNK + threadIdx.x : keys, group < groups ? 16 : 0);
    }
    int index = threadIdx.x / 4;
    if (index >= QUERIES) return ptx_copy_commit();
    int d = slice * SLICE + (int)threadIdx.x % 4 * 4, row = tile.row + index / tile.heads;
    bool exists = row < tile.end && index < tile.rows_of_group * tile.heads;
    const float* query = p.q + ((u64)(exists ? row : tile.row) * p.heads + tile.head0 + index % tile.heads) * head_dim;
    float* out = &to.queries[index][threadIdx.x % 4 * 4];
    if (HEAD_DIM) {
        ptx_copy_async16(out, query + d, exists ? 16 : 0);
    } else {
        #pragma unroll
        for (int e = 0; e < 4; e++) out[e] = exists && d + e < head_dim ? query[d + e] : 0.0f;
    }
    ptx_copy_commit();
}

// acc[q][i] continues the chain over 16 more elements of the head.
static __device__ __forceinline__ void score(float acc[OWN][8], const KeySlice& slice, int warp, int lane) {
    #pragma unroll
    for (int g = 0; g < GROUPS; g++)
        #pragma unroll
        for (int i0 = 0; i0 < 8; i0 += 4) {
            uint4 raw[4];
            #pragma unroll
            for (int i = 0; i < 4; i++) raw[i] = slice.keys[g][32 * (i0 + i) + lane];
            #pragma unroll
            for (int d = 0; d < layout::GROUP; d += 4) {
                float k[4][4];
                #pragma unroll
                for (int i = 0; i < 4; i++) {
                    unsigned words[4] = {raw[i].x, raw[i].y, raw[i].z, raw[i].w};
                    #pragma unroll
                    for (int e = 0; e < 4; e += word::COUNT) word::widen(words[(d + e) / word::COUNT], k[i] + e);
                }
                #pragma unroll
                for (int q = 0; q < OWN; q++) {
                    float4 x = *(const float4*)&slice.queries[OWN * warp + q][g * layout::GROUP + d];
                    #pragma unroll
                    for (int i = 0; i < 4; i++) {
                        float chain = acc[q][i0 + i];
                        chain = fma_rn(x.x, k[i][0], chain);
                        chain = fma_rn(x.y, k[i][1], chain);
                        chain = fma_rn(x.z, k[i][2], chain);
                        acc[q][i0 + i] = fma_rn(x.w, k[i][3], chain);
                    }
                }
            }
        }
}

// Starts copying elements [d0, d0 + WIDTH) of 32 values; zero where no query of the run sees one (a page may hold anything there) and beyond the head.
static __device__ __forceinline__ void copy_values(element to[POSITIONS][WIDTH], const element* values, int d0, int start, int first, int last, int padded) {
    const int groups = WIDTH / layout::GROUP;
    #pragma unroll 1
    for (int i = threadIdx.x; i < POSITIONS * groups; i += THREADS) {
        int position = start + i / groups, d = d0 + i % groups * layout::GROUP;
        bool seen = position >= first && position <= last && d < padded;
        ptx_copy_async16(&to[i / groups][i % groups * layout::GROUP], seen ? values + position * padded + d : values, seen ? 16 : 0);
    }
    ptx_copy_commit();
}

// o[q] continues the chains over 32 more positions.
static __device__ __forceinline__ void accumulate(float o[OWN][2 * PAIRS], const element values[POSITIONS][WIDTH], const float (*weights)[CHUNK], int start, int lane) {
    #pragma unroll 2
    for (int j = 0; j < POSITIONS; j += 4) {
        float v[4][2 * PAIRS];
        #pragma unroll
        for (int i = 0; i < 4; i++)
            #pragma unroll
            for (int n = 0; n < PAIRS; n++) {
                const unsigned* at = (const unsigned*)&values[j + i][64 * n + 2 * lane];
                word::widen(at[0], &v[i][2 * n]);
                if (word::COUNT == 1) word::widen(at[1], &v[i][2 * n + 1]);
            }
        #pragma unroll
        for (int q = 0; q < OWN; q++) {
            float4 w = *(const float4*)&weights[q][start + j];
            #pragma unroll
            for (int e = 0; e < 2 * PAIRS; e++) {
                float chain = o[q][e];
                chain = fma_rn(w.x, v[0][e], chain);
                chain = fma_rn(w.y, v[1][e], chain);
                chain = fma_rn(w.z, v[2][e], chain);
                o[q][e] = fma_rn(w.w, v[3][e], chain);
            }
        }
    }
}

// Rows [run, run_end) of one sequence against one chunk.
static __device__ __forceinline__ void attend(const AttentionArgs& p, const Tile& tile, Shared& shared, int run, int run_end, int chunk) {
    const int head_dim = HEAD_DIM ? HEAD_DIM : p.head_dim, padded = layout::padded(head_dim), warp = threadIdx.x / 32, lane = threadIdx.x % 32;
    const element* keys = kv_block<CACHE_TYPE>(p, p.sequences[run], chunk, tile.kv_head, padded);
    const element* values = keys + CHUNK * padded;
    const int first = max(0, first_visible(p.positions[run], p.window) - chunk * CHUNK), last = min(CHUNK - 1, p.positions[run_end - 1] - chunk * CHUNK);

    float acc[OWN][8];
    {
        float total[HEAD_DIM ? 1 : OWN][8]; // a head wider than a chunk has more than one chain
        #pragma unroll
        for (int q = 0; q < OWN; q++)
            #pragma unroll
            for (int i = 0; i < 8; i++) acc[q][i] = total[HEAD_DIM ? 0 : q][i] = 0.0f;
        const int slices = (head_dim + SLICE - 1) / SLICE, groups = padded / layout::GROUP;
        #pragma unroll 1
        for (int s = 0; s < SLICES - 1; s++) {
            if (s < slices) copy_keys(p, tile, shared.front.slices[s], (const uint4*)keys, s, head_dim, groups);
            else ptx_copy_commit();
        }
        #pragma unroll 1
        for (int s = 0, at = 0; s < slices; s++, at = at == SLICES - 1 ? 0 : at + 1) {
            ptx_copy_wait<SLICES - 2>();
            __syncthreads(); // slice s has landed, and slice s − 1, whose place the next one takes, has been read
            if (s + SLICES - 1 < slices) copy_keys(p, tile, shared.front.slices[at == 0 ? SLICES - 1 : at - 1], (const uint4*)keys, s + SLICES - 1, head_dim, groups);
            else ptx_copy_commit();
            score(acc, shared.front.slices[at], warp, lane);
            if (!HEAD_DIM && (s + 1) * SLICE % CHUNK == 0)
                #pragma unroll
                for (int q = 0; q < OWN; q++)
                    #pragma unroll
                    for (int i = 0; i < 8; i++) {
                        total[HEAD_DIM ? 0 : q][i] = add(total[HEAD_DIM ? 0 : q][i], acc[q][i]);
                        acc[q][i] = 0.0f;
                    }
        }
        #pragma unroll
        for (int q = 0; q < OWN; q++)
            #pragma unroll
            for (int i = 0; i < 8; i++) acc[q][i] = add(HEAD_DIM ? 0.0f : total[HEAD_DIM ? 0 : q][i], acc[q][i]);
    }
    const int start = first / POSITIONS * POSITIONS;
    copy_values(shared.values[0], values, 0, start, first, last, padded);
    __syncthreads(); // the keys have been read: the weights take their place

    float (*weights)[CHUNK] = shared.front.weights + OWN * warp;
    #pragma unroll
    for (int q = 0; q < OWN; q++) {
        Query query = query_of(p, tile, OWN * warp + q, run, run_end, chunk);
        float m = __uint_as_float(0xFF800000u);
        #pragma unroll
        for (int i = 0; i < 8; i++) {
            int j = 32 * i + lane;
            acc[q][i] = mul(acc[q][i], p.scale);
            if (j >= query.first && j <= query.last && acc[q][i] > m) m = acc[q][i];
        }
        m = warp_max(m);
        #pragma unroll
        for (int i = 0; i < 8; i++) {
            int j = 32 * i + lane;
            weights[q][j] = acc[q][i] = j >= query.first && j <= query.last ? exact_exp(sub(acc[q][i], m)) : 0.0f;
        }
        float z = warp_tree256(acc[q]);
        if (lane == 0 && query.first <= query.last) {
            int slot = chunk - first_visible(p.positions[query.row], p.window) / CHUNK;
            p.states[part_index(p, query.row, query.head, slot)] = make_float2(m, z);
        }
    }

    for (int d0 = 0; d0 < head_dim; d0 += WIDTH) {
        float o[OWN][2 * PAIRS];
        #pragma unroll
        for (int q = 0; q < OWN; q++)
            #pragma unroll
            for (int e = 0; e < 2 * PAIRS; e++) o[q][e] = 0.0f;
        if (d0) copy_values(shared.values[0], values, d0, start, first, last, padded);
        #pragma unroll 1
        for (int j = start, at = 0; j <= last; j += POSITIONS, at ^= 1) {
            ptx_copy_wait<0>();
            __syncthreads(); // this slice has landed, and the one before has been read
            if (j + POSITIONS <= last) copy_values(shared.values[at ^ 1], values, d0, j + POSITIONS, first, last, padded);
            accumulate(o, shared.values[at], weights, j, lane);
        }
        __syncthreads(); // the last slice has been read
        #pragma unroll
        for (int q = 0; q < OWN; q++) {
            Query query = query_of(p, tile, OWN * warp + q, run, run_end, chunk);
            if (query.first > query.last) continue;
            int slot = chunk - first_visible(p.positions[query.row], p.window) / CHUNK;
            float* out = p.parts + part_index(p, query.row, query.head, slot) * head_dim;
            #pragma unroll
            for (int e = 0; e < 2 * PAIRS; e++) {
                int d = d0 + 64 * (e / 2) + 2 * lane + e % 2;
                if (d < head_dim) out[d] = add(o[q][e], 0.0f);
            }
        }
    }
}

extern "C" __global__ void __launch_bounds__(THREADS, RESIDENT) attention_prefill(AttentionArgs p) {
    DYNAMIC_SHARED(Shared, shared);
    // A group of more than 48 query heads is done in parts.
    const int group = p.heads / p.kv_heads, parts = (group + QUERIES - 1) / QUERIES, part = blockIdx.y % parts;
    Tile tile;
    tile.heads = min(QUERIES, group - part * QUERIES);
    tile.rows_of_group = max(1, QUERIES / group);
    tile.kv_head = blockIdx.y / parts;
    tile.head0 = tile.kv_head * group + part * QUERIES;
    tile.row = p.first_row + (int)blockIdx.z * tile.rows_of_group;
    tile.end = min(tile.row + tile.rows_of_group, p.first_row + p.rows);
    for (int run = tile.row, run_end; run < tile.end; run = run_end) {
        for (run_end = run + 1; run_end < tile.end && p.sequences[run_end] == p.sequences[run]; run_end++) {}
        int chunk = first_visible(p.positions[run], p.window) / CHUNK + (int)blockIdx.x, last = p.positions[run_end - 1] / CHUNK;
        for (; chunk <= last; chunk += gridDim.x) attend(p, tile, *shared, run, run_end, chunk);
    }
}
