// Weights of block types on the device (docs/exact-arithmetic.md, "Integer weights"): where they are, and packed words as words of four signed bytes.
//
// A panel is 32 weight rows (zeros past the last one), a chunk 256 columns; only the last chunk of a panel may be narrower, and its width is a multiple
// of 32 (I8-256 pads with zeros). A panel's chunks follow each other, so that a linear layer streams a panel from one end to the other, and
// a place needs no bounds: every row of a panel is there. All places are multiples of 64 bytes. For `width` columns a chunk of a panel is
//
//   type     integers, row by row                             scales                                            bytes per row of 256
//   I8_256   q[32][width]                                     d[32] binary32                                    260
//   Q8_0     q[32][width]                                     d[32][8] binary16, zeros beyond the width         272, as stored
//   Q4_0     16 bytes per 32 columns [32][width/2]            d[32][8] binary16                                 144, as stored
//   Q4_K     [32][128]                                        d, dmin binary16 and 12 bytes [32][16]            144, as stored
//   Q6_K     low [32][128], then upper [32][64]               s[32][16] signed bytes, then d[32] binary16       210, as stored
//
// with the bytes of a row in the order and the packing GGUF gives them. A row's scales of a chunk are so one word or one 16-byte unit.
#pragma once
#include "common.cuh"

#ifndef WEIGHT_TYPE
#error "WEIGHT_TYPE is not defined"
#endif

#define LOW_BITS (WEIGHT_TYPE == I8_256 || WEIGHT_TYPE == Q8_0 ? 8 : 4) // of an integer in the first plane
#define UPPER_BITS (WEIGHT_TYPE == Q6_K ? 2 : 0)                        // and in the second
#define SCALE_BYTES (WEIGHT_TYPE == I8_256 ? 4 : 16)                    // of a row, without Q6_K's d

// Places within a chunk of a panel, in bytes.
__device__ __forceinline__ unsigned low_row(unsigned width) { return width * LOW_BITS / 8; } // bytes of a row
__device__ __forceinline__ unsigned upper_row(unsigned width) { return width * UPPER_BITS / 8; }
__device__ __forceinline__ unsigned upper_plane(unsigned width) { return PANEL * low_row(width); }
__device__ __forceinline__ unsigned scale_plane(unsigned width) { return PANEL * (low_row(width) + upper_row(width)); }
__device__ __forceinline__ unsigned d_plane() { return scale_plane(CHUNK) + PANEL * SCALE_BYTES; } // Q6_K's
__device__ __forceinline__ unsigned chunk_bytes(unsigned width) { return scale_plane(width) + PANEL * SCALE_BYTES + (WEIGHT_TYPE == Q6_K ? PANEL * 2 : 0); }

// Columns of a chunk as they are stored.
__device__ __forceinline__ unsigned chunk_width(unsigned chunk, unsigned k) {
    unsigned left = (k - chunk * CHUNK + 31) / 32 * 32;
    return left < CHUNK ? left : CHUNK;
}

// A chunk of a panel; `weight` is a multiple of 256.
__device__ __forceinline__ const unsigned char* chunk_place(const unsigned char* weight, unsigned panel, unsigned chunk, unsigned k) {
    unsigned last = (k - 1) / CHUNK;
    return weight + panel * ((u64)last * chunk_bytes(CHUNK) + chunk_bytes(chunk_width(last, k))) + (u64)chunk * chunk_bytes(CHUNK);
}

// Byte of a row's plane with the integer of column c of the chunk, c a multiple of 4 (its three neighbours are in the next bytes), and that integer's place in the byte.
__device__ __forceinline__ unsigned low_byte(unsigned c) {
    return WEIGHT_TYPE == Q4_0 ? c / 32 * 16 + c % 16 : WEIGHT_TYPE == Q4_K ? c / 64 * 32 + c % 32 : WEIGHT_TYPE == Q6_K ? c / 128 * 64 + c % 64 : c;
}
__device__ __forceinline__ unsigned low_shift(unsigned c) {
    return WEIGHT_TYPE == Q4_0 ? c / 16 % 2 * 4 : WEIGHT_TYPE == Q4_K ? c / 32 % 2 * 4 : WEIGHT_TYPE == Q6_K ? c / 64 % 2 * 4 : 0;
}
__device__ __forceinline__ unsigned upper_byte(unsigned c) { return c / 128 * 32 + c % 32; }
__device__ __forceinline__ unsigned upper_shift(unsigned c) { return c / 32 % 4 * 2; }

// Columns c … c + 3, one per byte, from the words at low_byte and upper_byte: q of I8-256, Q8_0 and Q4_K, q − 8 of Q4_0, q − 32 of Q6_K. Adding 128 less
// the offset, which stays within a byte, and flipping the upper bit subtracts the offset.
__device__ __forceinline__ unsigned unpack_word(unsigned low, unsigned upper, unsigned c) {
    if (LOW_BITS == 8) return low;
    unsigned q = low >> low_shift(c) & 0x0F0F0F0Fu;
    if (WEIGHT_TYPE == Q4_0) return (q + 0x78787878u) ^ 0x80808080u;
    if (WEIGHT_TYPE == Q6_K) return ((q | (upper >> upper_shift(c) & 0x03030303u) << 4) + 0x60606060u) ^ 0x80808080u;
    return q;
}

// Q4_K's unit of scales: words {d, dmin}, then 12 bytes. Byte g % 4 of word g / 4 of `s` and `m` is the scale and the minimum of group g.
__device__ __forceinline__ void unpack_q4k_scales(uint4 unit, unsigned s[2], unsigned m[2]) {
    s[0] = unit.y & 0x3F3F3F3Fu;
    m[0] = unit.z & 0x3F3F3F3Fu;
    s[1] = (unit.w & 0x0F0F0F0Fu) | (unit.y >> 2 & 0x30303030u);
    m[1] = (unit.w >> 4 & 0x0F0F0F0Fu) | (unit.z >> 2 & 0x30303030u);
}
