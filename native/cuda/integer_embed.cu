// Embedding from a table of a block type: y[r] = table[tokens[r]], dequantised (docs/exact-arithmetic.md, "Dequantised elements").
// Shapes: table [vocabulary × columns] as integer_weights.cuh lays it out, tokens int32 [rows], y f32 [rows × columns]. Nothing is added up; nothing is checked.
// Threads: block r gives row r, four neighbouring columns per thread and turn.
// Roofline: bandwidth; rows · columns · 4 bytes written, at most 5 read, one or two FLOPs each. A decode step's is a few KB: launch latency.
#include "integer_weights.cuh"
#define THREADS 256

struct EmbedArgs {
    const unsigned char* table;
    const int* tokens;
    float* y;
    unsigned columns;
};

__device__ __forceinline__ float half_at(const unsigned char* place) { return ptx_f16_to_f32(*(const half_bits*)place); }

// Element q of column c of row `row` of a chunk.
__device__ __forceinline__ float dequantise(const unsigned char* chunk, unsigned width, unsigned row, unsigned c, int q) {
    const unsigned char* unit = chunk + scale_plane(width) + row * SCALE_BYTES;
    if constexpr (WEIGHT_TYPE == I8_256) return mul(*(const float*)unit, (float)q);
    if constexpr (WEIGHT_TYPE == Q6_K) return mul(mul(half_at(chunk + d_plane() + row * 2), (float)(signed char)unit[c / 16]), (float)q);
    if constexpr (WEIGHT_TYPE == Q4_K) {
        unsigned s[2], m[2];
        unpack_q4k_scales(*(const uint4*)unit, s, m);
        unsigned word = c / 128, shift = c / 32 % 4 * 8;
        float scale = mul(half_at(unit), (float)(s[word] >> shift & 0xFF)), minimum = mul(half_at(unit + 2), (float)(m[word] >> shift & 0xFF));
        return sub(mul(scale, (float)q), minimum);
    }
    return mul(half_at(unit + c / 32 * 2), (float)q);
}

extern "C" __global__ void __launch_bounds__(THREADS) integer_embed(EmbedArgs p) {
    unsigned token = p.tokens[blockIdx.x], row = token % PANEL;
    float* to = p.y + (u64)blockIdx.x * p.columns;
    for (unsigned column = threadIdx.x * 4; column < p.columns; column += THREADS * 4) {
        unsigned chunk_index = column / CHUNK, c = column % CHUNK, width = chunk_width(chunk_index, p.columns);
        const unsigned char* chunk = chunk_place(p.table, token / PANEL, chunk_index, p.columns);
        unsigned low = *(const unsigned*)(chunk + row * low_row(width) + low_byte(c)), upper = 0;
        if constexpr (UPPER_BITS != 0) upper = *(const unsigned*)(chunk + upper_plane(width) + row * upper_row(width) + upper_byte(c));
        unsigned word = unpack_word(low, upper, c);
        for (unsigned i = 0; i < 4 && column + i < p.columns; i++) to[column + i] = dequantise(chunk, width, row, c, (signed char)(word >> i * 8));
    }
}
