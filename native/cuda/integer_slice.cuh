// The integer arithmetic of integer_decode.cu on one slice: a lane's rows of a chunk, 64 columns of bytes or 128 of halves of bytes, in pieces of 32 columns.
#pragma once
#include "decode.cuh"
#include "integer_weights.cuh"

#define SLICE (512 / LOW_BITS) // columns of a slice: 64 bytes of low bits of each row
#define SLICES (CHUNK / SLICE)
#define UPPER_UNITS (UPPER_BITS * SLICE / 128) // of a row of a slice
#define SCALE_WORDS (WEIGHT_TYPE == I8_256 ? 1 : WEIGHT_TYPE == Q4_K ? 2 : 4) // of a row's chunk that are needed within it (I8-256: none)
#define SCALE_BITS (WEIGHT_TYPE == Q4_K ? 8 : 16) // of a piece
#define BLOCKS_OF_32 (WEIGHT_TYPE == Q8_0 || WEIGHT_TYPE == Q4_0) // with a scale each, so that a chunk's sum is in binary32

#if BLOCKS_OF_32
typedef float accumulator;
#else
typedef int accumulator;
#endif

// Where a unit of a row stands among a slice's units [PANEL][4] and [PANEL][2]: the copy's 8 lanes of a phase (2 or 4 rows) and the reader's (8 rows × 1 unit) meet 8 different bank groups.
__device__ __forceinline__ int low_unit(int row, int unit) { return row * 4 + (unit ^ (row / 2 % 4)); }
__device__ __forceinline__ int upper_unit(int row, int unit) { return row * 2 + (unit ^ (row / 4 % 2)); }

// Columns 32·piece … + 31 of a row of a slice, four to a word.
__device__ __forceinline__ void unpack_piece(unsigned w[8], const uint4* low, const uint4* upper, int row, int piece) {
    const int first = 32 * piece, unit = low_byte(first) / 16;
    uint4 a = low[low_unit(row, unit)], b = WEIGHT_TYPE == Q4_0 ? a : low[low_unit(row, unit + 1)], ua = {}, ub = {};
    if constexpr (UPPER_UNITS != 0) ua = upper[upper_unit(row, 0)], ub = upper[upper_unit(row, 1)];
    unsigned words[8] = {a.x, a.y, a.z, a.w, b.x, b.y, b.z, b.w}, bits[8] = {ua.x, ua.y, ua.z, ua.w, ub.x, ub.y, ub.z, ub.w};
    #pragma unroll
    for (int i = 0; i < 8; i++) w[i] = unpack_word(words[low_byte(4 * i) / 4], bits[i], first + 4 * i);
}

__device__ __forceinline__ int dot_16(const unsigned w[4], uint4 x, int sum) {
    return __dp4a((int)w[3], (int)x.w, __dp4a((int)w[2], (int)x.z, __dp4a((int)w[1], (int)x.y, __dp4a((int)w[0], (int)x.x, sum))));
}

// What a piece adds to a row's sum of the chunk; the lowest bits of `scale` are its own: the binary16 of a block, Q4_K's scale of a group, or Q6_K's two of 16 columns each.
__device__ __forceinline__ accumulator add_piece(accumulator acc, const unsigned w[8], uint4 x0, uint4 x1, unsigned scale) {
    if constexpr (WEIGHT_TYPE == I8_256) return dot_16(w + 4, x1, dot_16(w, x0, (int)acc));
    if constexpr (BLOCKS_OF_32) return fma_rn(ptx_f16_to_f32((half_bits)scale), (float)dot_16(w + 4, x1, dot_16(w, x0, 0)), acc);
    if constexpr (WEIGHT_TYPE == Q6_K) return acc + (signed char)scale * dot_16(w, x0, 0) + (signed char)(scale >> 8) * dot_16(w + 4, x1, 0);
    return acc + (int)(scale & 0xFF) * dot_16(w + 4, x1, dot_16(w, x0, 0));
}

// A slice of the lane's rows r + j·32/SPLIT with ROWS rows of x, `pitch` units apart; the scales of what comes next move down.
__device__ __forceinline__ void accumulate_slice(accumulator acc[SPLIT][ROWS], unsigned scale[SPLIT][SCALE_WORDS], const uint4* low, const uint4* upper, const uint4* x, unsigned pitch, int r) {
    #pragma unroll (ROWS > 4 ? 1 : SLICE / 32) // many rows are parallel enough, and need the registers
    for (int piece = 0; piece < SLICE / 32; piece++) {
        unsigned w[SPLIT][8];
        #pragma unroll
        for (int j = 0; j < SPLIT; j++) unpack_piece(w[j], low, upper, r + j * (PANEL / SPLIT), piece);
        #pragma unroll
        for (int b = 0; b < ROWS; b++) {
            uint4 x0 = x[b * pitch + 2 * piece], x1 = x[b * pitch + 2 * piece + 1];
            #pragma unroll
            for (int j = 0; j < SPLIT; j++) acc[j][b] = add_piece(acc[j][b], w[j], x0, x1, scale[j][0]);
        }
        #pragma unroll
        for (int j = 0; j < SPLIT; j++)
            #pragma unroll
            for (int i = 0; i < SCALE_WORDS; i++) scale[j][i] = scale[j][i] >> SCALE_BITS | (i + 1 < SCALE_WORDS ? scale[j][i + 1] << 32 - SCALE_BITS : 0);
    }
}
