// Linear on integer weights for few rows (decode, up to ROWS rows of x): reads the weights once, at the speed of memory. y[r, j] = dot(x[r], w[j]) as
// docs/exact-arithmetic.md, "Integer weights", has it, then add(·, bias[j]); x [rows×k] binary32, w [n×k] as integer_weights.cuh lays it out, y [rows×n].
//
// Threads: decode.cuh. lane = (row r of 32/SPLIT, chunk c of SPLIT) has the sums of rows r + j·32/SPLIT, j < SPLIT, of its chunk with all ROWS rows of x, by dp4a.
// What crosses shared memory at the end of a round is a chunk's integer sum (Q8_0, Q4_0: acc) and its scales; one thread per output adds the chunks in ascending order.
//
// Memory: as linear_decode.cu, slices of 64 bytes of low bits per row and chunk, a chunk's scales with its first. No place needs a bound: panels are whole, and
// what a narrow last chunk leaves of a slice is multiplied by x = 0. FUSED: each block quantises x itself, while its first slices are on their way; it reads
// 4·rows·k bytes from L2, where a launch of its own costs about 2.5 µs. At 132 blocks and 5.5 TB/s that is even at 26000 elements of x; up to 16384 are
// fused, and kept in shared memory. Otherwise quantize_rows.cu goes first, and x comes in bytes with each slice.
//
// Roofline. Per chunk of a panel, on an H100 (14.5 bytes per cycle and multiprocessor of 3.35 TB/s; an H200's 4.8 TB/s leave 70 % of these cycles):
//   type               I8_256   Q8_0   Q4_0   Q4_K   Q6_K
//   bytes                8320   8704   4608   4608   6720
//   cycles of memory      575    602    319    319    465
// Multiplying takes 64·ROWS dp4a, of which a multiprocessor issues two per cycle: 32·ROWS cycles, 38 and 40·ROWS for Q4_K and Q6_K with their groups' scales.
// Unpacking takes 3 (Q4_0), 1 (Q4_K) or 6 (Q6_K) instructions per 4 columns of a weight row, Q8_0 and Q4_0 two per block and row of x, x 16·ROWS loads per SPLIT
// weight rows. So memory bounds one row (15 to 35 % of the issue slots) and four; 8 rows keep the multiplier busy for 45 % (I8_256), 80 % (Q4_0) and 95 % (Q4_K)
// of the cycles of memory, 16 rows for 90, 160 and 190 %. In flight per block: (STAGES − 1)·SLOTS·2 KiB and more. Predicted shares: docs/cuda.md.
#include "chunk_quantization.cuh"
#include "integer_slice.cuh"

#ifndef FUSED
#error "FUSED is not defined"
#endif

#define CHUNK_UNITS 17            // a chunk of integers of x in the block's own x, with a unit of padding
#define SLICE_UNITS (SLICE / 16 + 1) // a slice of them in a stage, likewise
#define SCALE_UNITS ((PANEL * SCALE_BYTES + (WEIGHT_TYPE == Q6_K ? PANEL * 2 : 0)) / 16)
#define CHUNK_D (!BLOCKS_OF_32)   // whether a chunk has a scale of its own

// A warp's stage, in units of 16 bytes.
struct Stage {
    uint4 low[SPLIT][PANEL * 4];
#if UPPER_UNITS != 0
    uint4 upper[SPLIT][PANEL * UPPER_UNITS];
#endif
    uint4 scales[SPLIT][SCALE_UNITS]; // of a chunk, with its first slice
#if !FUSED
    uint4 x[ROWS][SPLIT][SLICE_UNITS];
#endif
};

// Where a round's chunks meet.
struct Round {
    float sums[SLOTS][ROWS][PANEL];
#if WEIGHT_TYPE == Q4_K
    float minima[SLOTS][ROWS][PANEL];
#endif
#if CHUNK_D
    unsigned d[SLOTS][PANEL]; // as stored
#endif
    float dx[SLOTS][ROWS];
};

struct IntegerDecodeArgs {
    const float* x;            // [rows][k], if FUSED
    const unsigned char* q;    // else as quantize_rows.cu leaves it: [rows][chunks·256],
    const float* dx;           // [rows][chunks],
    const uint4* sums;         // [rows][chunks], for Q4_K
    const unsigned char* weight;
    const float* bias; // or null
    float* y;
    Fault fault;
    unsigned rows, n, k; // rows ≤ ROWS
};

// The input as the block has it.
struct Input {
    const uint4* q;
    const float* dx;
    const uint4* sums;
};

typedef Cursor<SLICES> Place;

__device__ __forceinline__ void load_slice(Stage* stage, const IntegerDecodeArgs& p, Place at, unsigned chunks, int warp, int lane) {
    #pragma unroll
    for (int c = 0; c < SPLIT; c++) {
        unsigned chunk = at.chunk + warp * SPLIT + c;
        if (chunk >= chunks) break;
        unsigned width = chunk_width(chunk, p.k);
        const unsigned char* from = chunk_place(p.weight, at.panel, chunk, p.k);
        // Beyond a narrow chunk's width nothing is copied: there x is 0, whatever it multiplies.
        #pragma unroll
        for (int i = 0; i < 4; i++) {
            int row = lane / 4 + 8 * i, unit = lane % 4;
            unsigned byte = at.slice * 64 + unit * 16;
            if (byte < low_row(width)) ptx_copy_async16(stage->low[c] + low_unit(row, unit), from + row * low_row(width) + byte, 16);
        }
#if UPPER_UNITS != 0
        #pragma unroll
        for (int i = 0; i < UPPER_UNITS; i++) {
            int row = lane / 2 + 16 * i, unit = lane % 2;
            ptx_copy_async16(stage->upper[c] + upper_unit(row, unit), from + upper_plane(CHUNK) + row * upper_row(CHUNK) + at.slice * 32 + unit * 16, 16);
        }
#endif
        if (at.slice == 0)
            for (int i = lane; i < SCALE_UNITS; i += 32) ptx_copy_async16(stage->scales[c] + i, from + scale_plane(width) + i * 16, 16);
#if !FUSED
        for (int i = lane; i < ROWS * (SLICE / 16); i += 32) {
            unsigned b = i / (SLICE / 16), unit = i % (SLICE / 16);
            if (b < p.rows) ptx_copy_async16(stage->x[b][c] + unit, p.q + ((u64)b * chunks + chunk) * CHUNK + at.slice * SLICE + unit * 16, 16);
        }
#endif
    }
}

// With a chunk's first slice: keeps the scales that its pieces need, and leaves for the round what the chunk as a whole needs.
__device__ __forceinline__ void begin_chunk(unsigned scale[SPLIT][SCALE_WORDS], Round* round, const Stage* stage, const Input& in, const IntegerDecodeArgs& p, unsigned chunks, unsigned chunk, int slot, int r, int c) {
    #pragma unroll
    for (int j = 0; j < SPLIT; j++) {
        int row = r + j * (PANEL / SPLIT);
#if WEIGHT_TYPE == I8_256
        round->d[slot][row] = ((const unsigned*)stage->scales[c])[row];
#else
        uint4 unit = stage->scales[c][row];
#if WEIGHT_TYPE == Q4_K
        unsigned m[2];
        unpack_q4k_scales(unit, scale[j], m);
        round->d[slot][row] = unit.x;
        #pragma unroll
        for (int b = 0; b < ROWS; b++)
            if (b < p.rows) round->minima[slot][b][row] = (float)dot_minima(m, in.sums[b * chunks + chunk]);
#else
        scale[j][0] = unit.x, scale[j][1] = unit.y, scale[j][2] = unit.z, scale[j][3] = unit.w;
#endif
#if WEIGHT_TYPE == Q6_K
        round->d[slot][row] = ((const half_bits*)(stage->scales[c] + PANEL))[row];
#endif
#endif
    }
    for (int b = r; b < ROWS; b += PANEL / SPLIT)
        if (b < p.rows) round->dx[slot][b] = in.dx[b * chunks + chunk];
}

__device__ __forceinline__ float add_chunk(float total, const Round* round, int slot, int b, int row) {
    float sum = round->sums[slot][b][row], dx = round->dx[slot][b];
#if !CHUNK_D
    return fma_rn(dx, sum, total);
#else
    unsigned d = round->d[slot][row];
    total = fma_rn(mul(WEIGHT_TYPE == I8_256 ? __uint_as_float(d) : ptx_f16_to_f32((half_bits)d), dx), sum, total);
#if WEIGHT_TYPE == Q4_K
    total = fma_rn(-mul(ptx_f16_to_f32((half_bits)(d >> 16)), dx), round->minima[slot][b][row], total);
#endif
    return total;
#endif
}

// The block's own copy of x: integers [ROWS][chunks][CHUNK_UNITS], sums [ROWS][chunks] for Q4_K, dx [ROWS][chunks].
__device__ __forceinline__ Input quantize_input(uint4* to, const IntegerDecodeArgs& p, unsigned chunks, int warp, int lane) {
    uint4* sums = to + ROWS * chunks * CHUNK_UNITS;
    float* dx = (float*)(sums + (WEIGHT_TYPE == Q4_K ? ROWS * chunks : 0));
    for (unsigned at = warp; at < p.rows * chunks; at += WARPS) {
        float x[8];
        unsigned q[2];
        read_eight(x, p.x + (u64)(at / chunks) * p.k, at % chunks * CHUNK + 8 * lane, p.k);
        float scale = quantize_chunk(x, q);
        ((uint2*)(to + at * CHUNK_UNITS))[lane] = make_uint2(q[0], q[1]);
        if constexpr (WEIGHT_TYPE == Q4_K) write_group_sums(q, (signed char*)(sums + at), lane);
        if (lane == 0) dx[at] = scale;
    }
    __syncthreads();
    return {to, dx, sums};
}

extern "C" __global__ void __launch_bounds__(THREADS, 1) integer_decode(IntegerDecodeArgs p) {
    DYNAMIC_SHARED(uint4, shared); // Stage [WARPS][STAGES], Round, the block's own x
    int warp = threadIdx.x / 32, lane = threadIdx.x % 32, r = lane % (PANEL / SPLIT), c = lane / (PANEL / SPLIT), slot = warp * SPLIT + c;
    Stage* stages = (Stage*)shared + warp * STAGES;
    Round* round = (Round*)((Stage*)shared + WARPS * STAGES);
    unsigned chunks = (p.k + CHUNK - 1) / CHUNK, panels = (p.n + PANEL - 1) / PANEL;

    accumulator acc[SPLIT][ROWS] = {};
    unsigned scale[SPLIT][SCALE_WORDS] = {};
    float total[TOTALS] = {};
    Place use = {blockIdx.x, 0, 0}, load = use;
    #pragma unroll 1
    for (int s = 0; s < STAGES - 1; s++, load.next(chunks)) {
        if (load.panel < panels) load_slice(stages + s, p, load, chunks, warp, lane);
        ptx_copy_commit();
    }
#if FUSED
    Input in = quantize_input((uint4*)(round + 1), p, chunks, warp, lane);
#else
    Input in = {nullptr, p.dx, p.sums};
#endif
    for (int s = 0; use.panel < panels; s = s + 1 == STAGES ? 0 : s + 1, use.next(chunks)) {
        ptx_copy_wait<STAGES - 2>(); // this slice is there
        __syncwarp();                // for every lane; and all have read the one before, into whose place the next goes
        if (load.panel < panels) load_slice(stages + (s == 0 ? STAGES - 1 : s - 1), p, load, chunks, warp, lane);
        load.next(chunks);
        ptx_copy_commit();
        unsigned chunk = use.chunk + slot;
        const Stage* stage = stages + s;
        if (chunk < chunks) {
            if (use.slice == 0) begin_chunk(scale, round, stage, in, p, chunks, chunk, slot, r, c);
#if UPPER_UNITS != 0
            const uint4* upper = stage->upper[c];
#else
            const uint4* upper = nullptr;
#endif
#if FUSED
            accumulate_slice(acc, scale, stage->low[c], upper, in.q + chunk * CHUNK_UNITS + use.slice * (SLICE / 16), chunks * CHUNK_UNITS, r);
#else
            accumulate_slice(acc, scale, stage->low[c], upper, stage->x[0][c], SPLIT * SLICE_UNITS, r);
#endif
        }
        if (use.slice < SLICES - 1) continue;

        #pragma unroll
        for (int b = 0; b < ROWS; b++)
            #pragma unroll
            for (int j = 0; j < SPLIT; j++) {
                round->sums[slot][b][r + j * (PANEL / SPLIT)] = (float)acc[j][b];
                acc[j][b] = 0;
            }
        __syncthreads();
        #pragma unroll
        for (int i = 0; i < TOTALS; i++) {
            int output = threadIdx.x + i * THREADS, b = output / PANEL, row = output % PANEL;
            if (output >= PANEL * ROWS) break;
            for (int s = 0; s < SLOTS && use.chunk + s < chunks; s++) total[i] = add_chunk(total[i], round, s, b, row);
            if (use.chunk + SLOTS < chunks) continue;
            unsigned j = use.panel * PANEL + row;
            if (b < p.rows && j < p.n) {
                u64 index = (u64)b * p.n + j;
                float y = p.bias ? add(total[i], p.bias[j]) : total[i];
                p.y[index] = y;
                check_finite(p.fault, y, index);
            }
            total[i] = 0.0f;
        }
        __syncthreads();
    }
}
