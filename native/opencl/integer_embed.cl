// y[r] = table[tokens[r]], dequantised. Shapes: table in panels as in integer_weights.clh, tokens [rows], y [rows × columns].
// Mapping: a work-item per element of y, as in embed.cl.
#include "integer_weights.clh"

#define HALF(words) widen_f16(PAIRED(LOAD_WORD, words, j))

__kernel void integer_embed(const __global uint* restrict table, const __global int* restrict tokens, __global float* restrict y, int rows, int columns) {
    int column = get_global_id(0), row = get_global_id(1);
    if (column >= columns || row >= rows) return;
    int token = tokens[row], j = token % PANEL, k = column % CHUNK;
    const __global uint* binary = panel_at(table, token / PANEL, columns) + (size_t)(column / CHUNK) * CHUNK_WORDS;
    const __global uint* scales = binary + CHUNK_SCALES + k / BLOCK * BLOCK_WORDS(BLOCK);
    const __global uint* group = scales + SCALES + k % BLOCK / (4 * STEPS) * PLANES * PANEL + j;
    uint bytes = STEP_BYTES(LOAD_WORD, group, k / 4 % STEPS);
    float w = (float)((int)(bytes >> (8 * (k % 4)) & 0xFFu) - OFFSET);
#if BLOCK == CHUNK
    float element = as_float(binary[j]) * w;
#elif CHUNK_SCALES == 0
    float element = HALF(scales) * w;
#else
    int scale = (short)PAIRED(LOAD_WORD, scales, j);
#if CHUNK_SCALES == 32
    float element = HALF(binary) * (float)(scale & 0xFF) * w - HALF(binary + 16) * (float)(scale >> 8);
#else
    float element = HALF(binary) * (float)scale * w;
#endif
#endif
    y[(size_t)row * columns + column] = element;
}
