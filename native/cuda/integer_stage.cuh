// What integer_prefill.cu keeps in shared memory, and how it gets there. Stages of 128 columns come by asynchronous copies, packed as they are stored; a chunk's
// scales come through registers while the chunk before is multiplied, and are unpacked on the way, once for all rows of the tile.
// Rows of a stage are 2, 4 or 8 units of 16 bytes. Unit u of row r stands at u ^ r / (8 / UNITS) % UNITS, so that the eight rows that a phase of ldmatrix reads, and
// the eight units that a phase of the copy writes, lie in eight different groups of four banks.
#pragma once
#include "integer_operands.cuh"
#include "integer_weights.cuh"

#define THREADS 256
#define STAGE_COLUMNS 128
#define LOW_UNITS LOW_BITS                        // of a row of a stage
#define UPPER_UNITS UPPER_BITS
#define K_QUANT (WEIGHT_TYPE == Q4_K || WEIGHT_TYPE == Q6_K)
#define READ_STEPS (8 / LOW_BITS)                 // of 32 columns that one read of weights serves
#define PACKED (WEIGHT_TYPE == Q6_K ? 4 : 2)      // words of eight outputs in it, per lane
#define GROUPS (WEIGHT_TYPE == Q6_K ? 16 : 8)     // scales of a chunk of a row, but of I8-256

struct IntegerPrefillArgs {
    const uint4* q; // x as quantize_rows.cu leaves it
    const float* dx;
    const uint4* sums;
    const unsigned char* weight;
    const float* bias; // or null
    float* y;
    Fault fault;
    unsigned rows, n, k;
};

struct Stage {
    uint4 x[TILE_ROWS * 8];
    uint4 low[TILE_COLUMNS * LOW_UNITS];
#if WEIGHT_TYPE == Q6_K
    uint4 upper[TILE_COLUMNS * UPPER_UNITS];
#endif
};

#if K_QUANT
typedef int scale_type;
typedef int2 scale_pair;
#else
typedef float scale_type;
typedef float2 scale_pair;
#endif

struct Scales {
#if WEIGHT_TYPE == Q4_K
    uint4 sums[TILE_ROWS];
    unsigned minima[2][TILE_COLUMNS];
    float minus_dmin[TILE_COLUMNS];
#endif
#if WEIGHT_TYPE != I8_256
    scale_type group[GROUPS][TILE_COLUMNS];
#endif
    float d[TILE_COLUMNS]; // I8-256 and the K-quants
    float dx[TILE_ROWS];
};

struct Shared {
    Stage stages[STAGES];
    Scales scales[2];
};

template <unsigned UNITS> __device__ __forceinline__ unsigned unit_of(unsigned row, unsigned unit) { return row * UNITS + (unit ^ row / (8 / UNITS) % UNITS); }

// Starts copying a stage of the tile. Where a row or a panel is absent the last one stands for it: its outputs are nobody's. Columns past a chunk's width are zero.
// Places are counted in units of 16 bytes, so that 32 bits are enough.
__device__ __forceinline__ void copy_stage(Stage& to, const IntegerPrefillArgs& p, unsigned row0, unsigned column0, unsigned stage) {
    const unsigned pitch = (p.k + CHUNK - 1) / CHUNK * (CHUNK / 16), x_unit = threadIdx.x % 8;
    #pragma unroll
    for (unsigned i = 0; i < TILE_ROWS * 8 / THREADS; i++) {
        const unsigned row = threadIdx.x / 8 + i * (THREADS / 8);
        ptx_copy_async16(&to.x[unit_of<8>(row, x_unit)], p.q + min(row0 + row, p.rows - 1) * pitch + (stage * (STAGE_COLUMNS / 16) + x_unit), 16);
    }
    const unsigned last = (p.n - 1) / PANEL, chunk = stage / 2, half = stage % 2, width = chunk_width(chunk, p.k);
    const unsigned panel_units = (unsigned)((chunk_place(nullptr, 1, 0, p.k) - (const unsigned char*)nullptr) / 16), chunk_units = chunk * (chunk_bytes(CHUNK) / 16);
    const uint4* weight = (const uint4*)p.weight;
    const unsigned unit = threadIdx.x % LOW_UNITS, low = half * LOW_UNITS + unit, bytes = low * 16 < low_row(width) ? 16 : 0;
    #pragma unroll
    for (unsigned i = 0; i < TILE_COLUMNS * LOW_UNITS / THREADS; i++) {
        const unsigned row = threadIdx.x / LOW_UNITS + i * (THREADS / LOW_UNITS), panel = min((column0 + row) / PANEL, last);
        ptx_copy_async16(&to.low[unit_of<LOW_UNITS>(row, unit)], weight + (panel * panel_units + (chunk_units + row % PANEL * (low_row(width) / 16) + low)), bytes);
    }
#if WEIGHT_TYPE == Q6_K
    if (threadIdx.x < TILE_COLUMNS * UPPER_UNITS) { // rows are whole chunks
        const unsigned row = threadIdx.x / UPPER_UNITS, upper = threadIdx.x % UPPER_UNITS, panel = min((column0 + row) / PANEL, last);
        const unsigned place = chunk_units + upper_plane(CHUNK) / 16 + row % PANEL * (upper_row(CHUNK) / 16) + half * UPPER_UNITS + upper;
        ptx_copy_async16(&to.upper[unit_of<UPPER_UNITS>(row, upper)], weight + (panel * panel_units + place), 16);
    }
#endif
}

// ---- scales ----

// A thread's share of a chunk's scales on their way: the first TILE_COLUMNS threads have those of a weight row, TILE_ROWS from the 128th on those of a row of x.
struct LoadedScales {
    uint4 unit; // of scales, or of sums
    unsigned d; // or dx
};

__device__ __forceinline__ void load_scales(LoadedScales& to, const IntegerPrefillArgs& p, unsigned row0, unsigned column0, unsigned chunk) {
    const unsigned thread = threadIdx.x % (THREADS / 2);
    to.unit = make_uint4(0, 0, 0, 0);
    to.d = 0;
    if (threadIdx.x < THREADS / 2) {
        const unsigned panel = (column0 + thread) / PANEL, row = thread % PANEL;
        if (thread >= TILE_COLUMNS || panel >= (p.n + PANEL - 1) / PANEL) return;
        const unsigned char* place = chunk_place(p.weight, panel, chunk, p.k);
        const unsigned char* unit = place + scale_plane(chunk_width(chunk, p.k)) + row * SCALE_BYTES;
        if constexpr (WEIGHT_TYPE == I8_256) to.d = *(const unsigned*)unit;
        else to.unit = *(const uint4*)unit;
        if constexpr (WEIGHT_TYPE == Q6_K) to.d = *(const half_bits*)(place + d_plane() + row * 2);
    } else if (thread < TILE_ROWS && row0 + thread < p.rows) {
        const u64 index = (u64)(row0 + thread) * ((p.k + CHUNK - 1) / CHUNK) + chunk;
        to.d = __float_as_uint(p.dx[index]);
        if constexpr (WEIGHT_TYPE == Q4_K) to.unit = p.sums[index];
    }
}

__device__ __forceinline__ void store_scales(Scales& to, const LoadedScales& from) {
    const unsigned thread = threadIdx.x % (THREADS / 2);
    if (threadIdx.x >= THREADS / 2) {
        if (thread >= TILE_ROWS) return;
        to.dx[thread] = __uint_as_float(from.d);
#if WEIGHT_TYPE == Q4_K
        to.sums[thread] = from.unit;
#endif
        return;
    }
    if (thread >= TILE_COLUMNS) return;
#if WEIGHT_TYPE == I8_256
    to.d[thread] = __uint_as_float(from.d);
#elif WEIGHT_TYPE == Q4_K
    unsigned s[2], m[2];
    unpack_q4k_scales(from.unit, s, m);
    to.d[thread] = ptx_f16_to_f32((half_bits)from.unit.x);
    to.minus_dmin[thread] = ptx_f16_to_f32((half_bits)(from.unit.x >> 16 ^ 0x8000u)); // mul(−dmin, dx) is −mul(dmin, dx)
    to.minima[0][thread] = m[0], to.minima[1][thread] = m[1];
    #pragma unroll
    for (int g = 0; g < GROUPS; g++) to.group[g][thread] = (int)(s[g / 4] >> g % 4 * 8 & 0xFF);
#else
    const unsigned words[4] = {from.unit.x, from.unit.y, from.unit.z, from.unit.w};
    #pragma unroll
    for (int g = 0; g < GROUPS; g++) {
        if constexpr (WEIGHT_TYPE == Q6_K) to.group[g][thread] = (signed char)(words[g / 4] >> g % 4 * 8);
        else to.group[g][thread] = ptx_f16_to_f32((half_bits)(words[g / 2] >> g % 2 * 16));
    }
    if constexpr (WEIGHT_TYPE == Q6_K) to.d[thread] = ptx_f16_to_f32((half_bits)from.d);
#endif
}
