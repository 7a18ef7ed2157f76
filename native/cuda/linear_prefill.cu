// Linear for many rows (prefill, audits): a register-tiled matrix product in exact binary32. Definition and shapes: linear.cuh.
//
// Threads: a warp computes 32 rows × 64 columns of y, 8×8 per lane, over a chunk. A block of 8 warps is a tile TILE_ROWS × TILE_COLUMNS of y times
// GROUPS = 8·32·64 / (TILE_ROWS·TILE_COLUMNS) consecutive chunks at once: 128×128 with one chunk where there are rows enough to fill the device,
// 32×64 with eight where there are few, so that a short prompt too keeps eight warps per multiprocessor busy. A round is GROUPS chunks; then the totals,
// in registers, take the chunk sums in ascending order: the thread's own with one group, through shared memory with several.
//
// Memory: 16 columns of x and w at a time go global → registers (16 bytes of a row at a time) → shared, widened once and transposed to [column][row], two
// buffers deep: the next loads fly during the 1024 fma of this tile, and one barrier separates them. After every 4 columns come 8 floats of padding:
// the 32 stores of a transposing warp (4 columns apart, 8 or 16 rows) then meet 32 banks. Lanes are numbered so that lane and lane ^ 1 share their columns,
// lane and lane ^ 2 their rows: a 16-byte read of 4 or 8 addresses per warp then takes two wavefronts.
//
// Roofline: 2·rows·n·k operations against 132 SM · 128 fma · 1.755 GHz = 59 Tflop/s (H100 SXM, no tensor cores). Per column and warp: 64 fma, 4 shared reads
// (8 wavefronts, half of what shared memory gives in those 64 cycles); the generated code spends 1,225 instructions on 1,024 fma, loads, conversions and stores
// of a tile included, which bounds it at 84 %; a chunk adds 64 additions to 16,384 fma, and a barrier per tile costs 2–4 %. From L2: 6 (128×128, bf16) or
// 16 bytes (32×64) per clock and SM. Predicted 75–80 % of peak where tiles fill whole waves.
#include "linear.cuh"

#ifndef TILE_ROWS
#error "TILE_ROWS is not defined"
#endif
#ifndef TILE_COLUMNS
#error "TILE_COLUMNS is not defined"
#endif

#define THREADS 256
#define GROUPS (8 * 32 * 64 / (TILE_ROWS * TILE_COLUMNS))
#define GROUP_THREADS (THREADS / GROUPS)
#define TILE_K 16
#define TILES (CHUNK / TILE_K)

// Columns k … k + 3 of SIZE rows, transposed, and the padding.
#define QUAD(SIZE) (4 * (SIZE) + 8)
#define STAGE (TILE_K / 4 * (QUAD(TILE_ROWS) + QUAD(TILE_COLUMNS))) // floats: x, then w
#define X_PIECES (TILE_ROWS * TILE_K / 4 / GROUP_THREADS)           // per thread
#define W_PIECES (TILE_COLUMNS * TILE_K / PIECE / GROUP_THREADS)
#define TOTALS (TILE_ROWS * TILE_COLUMNS / THREADS)

__device__ __forceinline__ int place(int column, int row, int size) { return column / 4 * QUAD(size) + column % 4 * size + row; }

struct Pieces {
    uint4 x[X_PIECES], w[W_PIECES];
};

// The group's columns k0 … k0 + 15, piece t + i·GROUP_THREADS for thread t of the group.
__device__ __forceinline__ void load_pieces(Pieces& pieces, const LinearArgs& p, unsigned row0, unsigned column0, unsigned k0, int t) {
    #pragma unroll
    for (int i = 0; i < X_PIECES; i++) {
        int piece = t + i * GROUP_THREADS;
        unsigned row = row0 + piece / (TILE_K / 4);
        pieces.x[i] = read_piece(p.x + (u64)row * p.k, row < p.rows ? k0 + piece % (TILE_K / 4) * 4 : p.k, p.k, p.vectors);
    }
    #pragma unroll
    for (int i = 0; i < W_PIECES; i++) {
        int piece = t + i * GROUP_THREADS;
        unsigned j = column0 + piece / (TILE_K / PIECE);
        pieces.w[i] = read_piece(p.weight + (u64)j * p.k, j < p.n ? k0 + piece % (TILE_K / PIECE) * PIECE : p.k, p.k, p.vectors);
    }
}

__device__ __forceinline__ void store_pieces(float* stage, const Pieces& pieces, int t) {
    float* w = stage + TILE_K / 4 * QUAD(TILE_ROWS);
    #pragma unroll
    for (int i = 0; i < X_PIECES; i++) {
        int piece = t + i * GROUP_THREADS, row = piece / (TILE_K / 4), k = piece % (TILE_K / 4) * 4;
        stage[place(k, row, TILE_ROWS)] = __uint_as_float(pieces.x[i].x);
        stage[place(k + 1, row, TILE_ROWS)] = __uint_as_float(pieces.x[i].y);
        stage[place(k + 2, row, TILE_ROWS)] = __uint_as_float(pieces.x[i].z);
        stage[place(k + 3, row, TILE_ROWS)] = __uint_as_float(pieces.x[i].w);
    }
    #pragma unroll
    for (int i = 0; i < W_PIECES; i++) {
        int piece = t + i * GROUP_THREADS, row = piece / (TILE_K / PIECE), k = piece % (TILE_K / PIECE) * PIECE;
        float wide[PIECE];
        widen_piece(pieces.w[i], wide);
        #pragma unroll
        for (int e = 0; e < PIECE; e++) w[place(k + e, row, TILE_COLUMNS)] = wide[e];
    }
}

__device__ __forceinline__ void read_fragment(float to[8], const float* from, int second) {
    float4 a = *(const float4*)from, b = *(const float4*)(from + second);
    to[0] = a.x, to[1] = a.y, to[2] = a.z, to[3] = a.w, to[4] = b.x, to[5] = b.y, to[6] = b.z, to[7] = b.w;
}

// acc[i][j] += x[k][row i]·w[k][column j] for the 16 columns in order, the next column's operands being read meanwhile.
__device__ __forceinline__ void multiply(float acc[8][8], const float* stage, int row, int column) {
    const float *xs = stage + row, *ws = stage + TILE_K / 4 * QUAD(TILE_ROWS) + column;
    float x[2][8], w[2][8];
    read_fragment(x[0], xs, 16);
    read_fragment(w[0], ws, 32);
    #pragma unroll
    for (int k = 0; k < TILE_K; k++) {
        if (k + 1 < TILE_K) {
            read_fragment(x[(k + 1) % 2], xs + place(k + 1, 0, TILE_ROWS), 16);
            read_fragment(w[(k + 1) % 2], ws + place(k + 1, 0, TILE_COLUMNS), 32);
        }
        #pragma unroll
        for (int i = 0; i < 8; i++)
            #pragma unroll
            for (int j = 0; j < 8; j++) acc[i][j] = fma_rn(x[k % 2][i], w[k % 2][j], acc[i][j]);
    }
}

// total = add(total, chunk sum) for the round's chunks in order. With several groups the sums cross shared memory, and total i is output thread + i·256 of the tile.
__device__ __forceinline__ void add_chunks(float total[TOTALS], float acc[8][8], float* shared, int group, int row, int column, int present) {
    if constexpr (GROUPS == 1) {
        #pragma unroll
        for (int i = 0; i < 64; i++) total[i] = add(total[i], acc[i / 8][i % 8]);
    } else {
        __syncthreads(); // all have read their last operands
        #pragma unroll
        for (int i = 0; i < 8; i++)
            #pragma unroll
            for (int j = 0; j < 8; j += 4)
                *(float4*)(shared + (group * TILE_ROWS + row + i % 4 + i / 4 * 16) * TILE_COLUMNS + column + j * 8) =
                    make_float4(acc[i][j], acc[i][j + 1], acc[i][j + 2], acc[i][j + 3]);
        __syncthreads();
        #pragma unroll
        for (int i = 0; i < TOTALS; i++)
            for (int g = 0; g < GROUPS && g < present; g++) total[i] = add(total[i], shared[g * TILE_ROWS * TILE_COLUMNS + threadIdx.x + i * THREADS]);
        __syncthreads();
    }
    #pragma unroll
    for (int i = 0; i < 64; i++) acc[i / 8][i % 8] = 0.0f;
}

extern "C" __global__ void __launch_bounds__(THREADS) linear_prefill(LinearArgs p) {
    DYNAMIC_SHARED(float, shared); // [2][GROUPS][STAGE]; chunk sums [GROUPS][TILE_ROWS][TILE_COLUMNS] in the same place
    int group = threadIdx.x / GROUP_THREADS, t = threadIdx.x % GROUP_THREADS, lane = threadIdx.x % 32;
    int row = t / 32 % (TILE_ROWS / 32) * 32 + ((lane & 1) | lane >> 4 << 1) * 4;            // and + 0 … 3, + 16 … 19
    int column = t / 32 / (TILE_ROWS / 32) * 64 + (lane >> 1 & 7) * 4;                       // and + 0 … 3, + 32 … 35
    unsigned row0 = blockIdx.y * TILE_ROWS, column0 = blockIdx.x * TILE_COLUMNS;

    Pieces pieces;
    float acc[8][8] = {}, total[TOTALS] = {};
    float* stage = shared + group * STAGE;
    load_pieces(pieces, p, row0, column0, group * CHUNK, t);
    for (unsigned first = 0; first < p.k; first += GROUPS * CHUNK) { // a round
        unsigned left = p.k - first;
        int tiles = left >= CHUNK ? TILES : (int)(left + TILE_K - 1) / TILE_K;
        for (int tile = 0; tile < tiles; tile++) {
            float* half = stage + tile % 2 * (GROUPS * STAGE);
            store_pieces(half, pieces, t);
            __syncthreads();
            unsigned next = tile + 1 < tiles ? first + (tile + 1) * TILE_K : first + GROUPS * CHUNK;
            load_pieces(pieces, p, row0, column0, next + group * CHUNK, t);
            multiply(acc, half, row, column);
        }
        add_chunks(total, acc, shared, group, row, column, (int)((left + CHUNK - 1) / CHUNK < GROUPS ? (left + CHUNK - 1) / CHUNK : GROUPS));
    }
    #pragma unroll
    for (int i = 0; i < TOTALS; i++) {
        int output = threadIdx.x + i * THREADS;
        if constexpr (GROUPS == 1) write_output(p, row0 + row + i / 8 % 4 + i / 32 * 16, column0 + column + i % 4 + i / 4 % 2 * 32, total[i]);
        else write_output(p, row0 + output / TILE_COLUMNS, column0 + output % TILE_COLUMNS, total[i]);
    }
}
