// Linear for few rows (decode, up to ROWS rows of x): reads the weights once, at the speed of memory. Definition and shapes: linear.cuh.
//
// Threads: decode.cuh. lane = (row r of 32/SPLIT, chunk c of SPLIT) carries the chains of rows r + j·32/SPLIT, j < SPLIT, for all ROWS rows of x, so
// a value of x that is read from shared memory (the same for all lanes of a chunk) serves SPLIT chains. A round's chunk sums meet in shared
// memory, where one thread per output adds them in ascending order.
//
// Memory: each warp streams slices of 64 bytes per weight row and chunk (8 of bf16, 16 of f32 to a chunk), and x with them, through STAGES buffers
// of its own by asynchronous copies; the stream runs on over rounds and panels, so sums are added while the next panel is on its way, and no
// warp waits for another but at the end of a round. 16-byte units are stored at unit ^ (row / 2) % 4: the copy's 8 lanes of a phase (2 rows × 4 units)
// and the reader's (8 rows × 1 unit) both meet 8 different bank groups. x is padded by 16 bytes per chunk for the same reason.
//
// Roofline: n·k·size bytes of weights, from DRAM once; rows·k·4·⌈n/32⌉ of x, from L2; 2·rows·n·k operations. Weights in flight per block:
// (STAGES − 1)·SLOTS·2 KiB = 64 KiB with 3 and 16; Little's law asks about 20 KiB per SM (3.35 TB/s · 0.8 µs / 132). H100, bf16, 4096²: 33.5 MB = 10.0 µs.
// Per 8 columns a warp issues 8·SPLIT·ROWS fma, 8·SPLIT conversions and SPLIT + 2·ROWS shared loads of 16 bytes, and 24 copies per slice: with 8 rows about
// 65 % of the issue slots of those 10 µs and a third of their shared bandwidth, so memory bounds up to 8 rows; with 16 the fma alone take 9 µs.
#include "decode.cuh"
#include "linear.cuh"

#define SLICE (4 * PIECE) // columns of a slice: 64 bytes of weights
#define SLICES (CHUNK / SLICE)
#define X_PITCH (SLICE + 4)

// A warp's stage: weights [SPLIT][PANEL][4] in units of 16 bytes, then x [ROWS][SPLIT][X_PITCH].
#define W_UNITS (SPLIT * PANEL * 4)
#define X_UNITS (ROWS * SPLIT * SLICE / 4) // without the padding
#define STAGE_UNITS (W_UNITS + ROWS * SPLIT * X_PITCH / 4)

typedef Cursor<SLICES> Place;

// 16 bytes from a row to shared memory; zero where the row or the column is absent.
template <bool VECTORS, typename T>
__device__ __forceinline__ void copy_piece(uint4* to, const T* base, unsigned row, unsigned rows, unsigned column, unsigned k) {
    bool inside = row < rows && column < k;
    const T* from = inside ? base + (u64)row * k : base;
    if (VECTORS) ptx_copy_async16(to, inside ? from + column : base, inside ? 16 : 0);
    else *to = inside ? read_piece(from, column, k, 0) : make_uint4(0, 0, 0, 0);
}

template <bool VECTORS> __device__ __forceinline__ void copy_slice(uint4* stage, const LinearArgs& p, Place at, int warp, int lane) {
    unsigned column = (at.chunk + warp * SPLIT) * CHUNK + at.slice * SLICE;
    #pragma unroll (VECTORS ? W_UNITS / 32 : 1)
    for (int i = lane; i < W_UNITS; i += 32) {
        int unit = i % 4, row = i / 4 % PANEL, c = i / (4 * PANEL);
        copy_piece<VECTORS>(stage + (i - unit) + (unit ^ (row / 2 % 4)), p.weight, at.panel * PANEL + row, p.n, column + c * CHUNK + unit * PIECE, p.k);
    }
    #pragma unroll (VECTORS ? X_UNITS / 32 + 1 : 1)
    for (int i = lane; i < X_UNITS; i += 32) {
        int unit = i % (SLICE / 4), c = i / (SLICE / 4) % SPLIT, b = i / (SLICE / 4 * SPLIT);
        copy_piece<VECTORS>(stage + W_UNITS + (b * SPLIT + c) * (X_PITCH / 4) + unit, p.x, b, p.rows, column + c * CHUNK + unit * 4, p.k);
    }
}

__device__ __forceinline__ void load_slice(uint4* stage, const LinearArgs& p, Place at, int warp, int lane) {
    if (p.vectors) copy_slice<true>(stage, p, at, warp, lane);
    else copy_slice<false>(stage, p, at, warp, lane);
}

__device__ __forceinline__ void accumulate_slice(float acc[SPLIT][ROWS], const uint4* stage, int r, int c) {
    #pragma unroll
    for (int unit = 0; unit < 4; unit++) {
        float w[SPLIT][PIECE];
        #pragma unroll
        for (int j = 0; j < SPLIT; j++) widen_piece(stage[(c * PANEL + r + j * (PANEL / SPLIT)) * 4 + (unit ^ (r / 2 % 4))], w[j]);
        #pragma unroll
        for (int b = 0; b < ROWS; b++) {
            #pragma unroll
            for (int e = 0; e < PIECE; e += 4) {
                float4 x = *(const float4*)(stage + W_UNITS + (b * SPLIT + c) * (X_PITCH / 4) + (unit * PIECE + e) / 4);
                #pragma unroll
                for (int j = 0; j < SPLIT; j++) {
                    acc[j][b] = fma_rn(x.x, w[j][e], acc[j][b]);
                    acc[j][b] = fma_rn(x.y, w[j][e + 1], acc[j][b]);
                    acc[j][b] = fma_rn(x.z, w[j][e + 2], acc[j][b]);
                    acc[j][b] = fma_rn(x.w, w[j][e + 3], acc[j][b]);
                }
            }
        }
    }
}

extern "C" __global__ void __launch_bounds__(THREADS) linear_decode(LinearArgs p) {
    DYNAMIC_SHARED(uint4, shared); // [WARPS][STAGES][STAGE_UNITS], then sums [SLOTS][ROWS][PANEL]
    int warp = threadIdx.x / 32, lane = threadIdx.x % 32, r = lane % (PANEL / SPLIT), c = lane / (PANEL / SPLIT);
    uint4* stages = shared + warp * (STAGES * STAGE_UNITS);
    float* sums = (float*)(shared + WARPS * STAGES * STAGE_UNITS);
    unsigned chunks = (p.k + CHUNK - 1) / CHUNK, panels = (p.n + PANEL - 1) / PANEL;

    float acc[SPLIT][ROWS] = {}, total[TOTALS] = {};
    Place use = {blockIdx.x, 0, 0}, load = use;
    #pragma unroll 1
    for (int s = 0; s < STAGES - 1; s++, load.next(chunks)) {
        if (load.panel < panels) load_slice(stages + s * STAGE_UNITS, p, load, warp, lane);
        ptx_copy_commit();
    }
    for (int s = 0; use.panel < panels; s = s + 1 == STAGES ? 0 : s + 1, use.next(chunks)) {
        ptx_copy_wait<STAGES - 2>(); // this slice is there
        __syncwarp();                // for every lane; and all have read the one before, into whose place the next goes
        if (load.panel < panels) load_slice(stages + (s == 0 ? STAGES - 1 : s - 1) * STAGE_UNITS, p, load, warp, lane);
        load.next(chunks);
        ptx_copy_commit();
        if (use.chunk + warp * SPLIT < chunks) accumulate_slice(acc, stages + s * STAGE_UNITS, r, c);
        if (use.slice < SLICES - 1) continue;

        #pragma unroll
        for (int b = 0; b < ROWS; b++)
            #pragma unroll
            for (int j = 0; j < SPLIT; j++) {
                sums[((warp * SPLIT + c) * ROWS + b) * PANEL + r + j * (PANEL / SPLIT)] = acc[j][b];
                acc[j][b] = 0.0f;
            }
        __syncthreads();
        #pragma unroll
        for (int i = 0; i < TOTALS; i++) {
            int output = threadIdx.x + i * THREADS;
            if (output >= PANEL * ROWS) break;
            for (int slot = 0; slot < SLOTS && use.chunk + slot < chunks; slot++) total[i] = add(total[i], sums[slot * (PANEL * ROWS) + output]);
            if (use.chunk + SLOTS < chunks) continue;
            write_output(p, output / PANEL, use.panel * PANEL + output % PANEL, total[i]);
            total[i] = 0.0f;
        }
        __syncthreads();
    }
}
