// y[r, j] = the integer dot product of x[r] and w[j] (+ bias[j]); docs/exact-arithmetic.md, "Integer weights". One text for every block type.
//
// Shapes:   x as quantize_rows.cl lays out tiles of ROWS rows, w [⌈outputs/32⌉] panels as in integer_weights.clh, y [rows × outputs].
// Order:    sums of integers are exact in any order; per block and per chunk the scales as defined, chunks in ascending order from +0; the bias last.
// Exact:    integers are summed in binary32, by fma, while every partial sum stays below 2²⁴ = 16 777 216, with |q| ≤ 127:
//             I8-256                256 · 127 · 128      =  4 161 536         Q8_0, Q4_0: an eighth of it, a 128th
//             Q4_K   4 groups ·  63 ·  32 · 127 · 15     = 15 361 920, minima 8 · 63 · 32 · 127 = 2 048 256
//             Q6_K   2 groups · 128 ·  16 · 127 · 32     = 16 646 144
//           Runs of so many groups are then added as 32-bit integers.
// Mapping:  as linear.cl: a work-group owns one panel and ROWS rows, groups of one panel are neighbours. Slots side by side take chunks c, c + 1, …, and
//           turns to add them to totals in local memory.
// Roofline: bytes = weights once per ⌈rows/ROWS⌉ passes (from memory once while a panel fits the cache). Per 32 outputs and 4 columns 4·ROWS fma and
//           9 others that unpack, per vector of outputs: at 8 rows 0.78 of linear.cl's arithmetic, at one row 13 on 64 bytes, which memory hides.
#include "integer_weights.clh"
#include "linear.clh"
#include "quantized_rows.clh"

#define RUN OF_TYPE(RUN_) // columns of a run
#define RUN_I8_256 256
#define RUN_Q8_0 256
#define RUN_Q4_0 256
#define RUN_Q4_K 128
#define RUN_Q6_K 32

// How the scales enter: per chunk, per block, or per block as integers, with minima besides.
#define IS_CHUNK (BLOCK == CHUNK)
#define IS_INTEGER (CHUNK_SCALES > 0)
#define HAS_MINIMA (CHUNK_SCALES == 32)

#define FOR_ROWS_AND_PARTS UNROLL for (int r = 0; r < ROWS; r++) UNROLL for (int p = 0; p < PARTS; p++)
#define ROW(p) ((item + (p) * ITEMS) * LANES)
#define HALF(words, row) widen_f16_lanes(PAIRED(LOAD_LANES, words, row))

// Column b of four, less OFFSET: its byte in the mantissa of 2²³, or of 2¹⁵ where it is the second of its half word, is that number plus the byte.
inline lanes integers(lanes_uint bytes, int b) {
    lanes_uint half_word = b < 2 ? bytes : bytes >> 16;
    return b % 2 == 0 ? AS_LANES((half_word & 0xFFu) | 0x4B000000u) - (8388608.0f + OFFSET) : AS_LANES((half_word & 0xFF00u) | 0x47000000u) - (32768.0f + OFFSET);
}

// The scales of a block.
inline lanes block_scales(const __global uint* words, int row) {
#if HAS_MINIMA
    return LANES_TO_FLOAT(PAIRED(LOAD_LANES, words, row) & 0xFFu);
#elif IS_INTEGER
    // Sign extension: the difference from 2¹⁵ with the sign bit flipped.
    return LANES_TO_FLOAT(PAIRED(LOAD_LANES, words, row) ^ 0x8000u) - 32768.0f;
#else
    return HALF(words, row);
#endif
}

__kernel __attribute__((reqd_work_group_size(GROUP, 1, 1)))
void integer_linear(const __global float* restrict x, const __global uint* restrict weights, const __global float* restrict bias, __global float* restrict y,
                    __global uint* restrict faults, uint operation, int rows, int columns, int outputs) {
    int item = get_local_id(0) % ITEMS, slot = get_local_id(0) / ITEMS;
    int panel = get_group_id(1), first = get_group_id(0) * ROWS, chunks = (columns + CHUNK - 1) / CHUNK;
    const __global uint* start = panel_at(weights, panel, columns);
    x += (size_t)get_group_id(0) * chunks * ROWS * ROW_WORDS;
#if SLOTS > 1
    __local lanes totals[ROWS][PARTS][ITEMS];
#define TOTAL(r, p) totals[r][p][item]
    if (slot == 0) FOR_ROWS_AND_PARTS TOTAL(r, p) = 0.0f;
#else
    lanes totals[ROWS][PARTS];
#define TOTAL(r, p) totals[r][p]
    FOR_ROWS_AND_PARTS TOTAL(r, p) = 0.0f;
#endif
    for (int base = 0; base < chunks; base += SLOTS) {
        int chunk = base + slot, count = clamp(columns - chunk * CHUNK, 0, CHUNK);
        const __global uint *binary = start + (size_t)chunk * CHUNK_WORDS, *w = binary + CHUNK_SCALES;
        const __global float *header = x + (size_t)chunk * ROWS * ROW_WORDS, *q = header + ROW_HEADER * ROWS;
        lanes acc[ROWS][PARTS];
#if IS_INTEGER
        lanes_int whole[ROWS][PARTS];
        FOR_ROWS_AND_PARTS whole[r][p] = 0;
#endif
#if HAS_MINIMA
        lanes minima[ROWS][PARTS];
        FOR_ROWS_AND_PARTS minima[r][p] = 0.0f;
#endif
        for (int run = 0; run < count; run += RUN) {
            FOR_ROWS_AND_PARTS acc[r][p] = 0.0f;
            for (int block = run; block < min(run + RUN, count); block += BLOCK) {
                const __global uint* scales = w;
                w += SCALES;
                lanes sum[ROWS][PARTS];
                FOR_ROWS_AND_PARTS sum[r][p] = 0.0f;
                for (int k = block; k < min(block + BLOCK, count); k += 4 * STEPS) {
                    UNROLL for (int step = 0; step < STEPS; step++) {
                        lanes_uint bytes[PARTS];
                        UNROLL for (int p = 0; p < PARTS; p++) bytes[p] = STEP_BYTES(LOAD_LANES, w + ROW(p), step);
                        UNROLL for (int b = 0; b < 4; b++) {
                            lanes weight[PARTS];
                            UNROLL for (int p = 0; p < PARTS; p++) weight[p] = integers(bytes[p], b);
                            FOR_ROWS_AND_PARTS sum[r][p] = fma((lanes)q[b * ROWS + r], weight[p], sum[r][p]);
                        }
                        q += 4 * ROWS;
                    }
                    w += PLANES * PANEL;
                }
#if IS_CHUNK
                FOR_ROWS_AND_PARTS acc[r][p] = sum[r][p];
#else
                UNROLL for (int p = 0; p < PARTS; p++) {
                    lanes scale = block_scales(scales, ROW(p));
                    UNROLL for (int r = 0; r < ROWS; r++) acc[r][p] = fma(scale, sum[r][p], acc[r][p]);
#if HAS_MINIMA
                    lanes minimum = LANES_TO_FLOAT(PAIRED(LOAD_LANES, scales, ROW(p)) >> 8);
                    const __global float* of_block = header + (ROW_SUMS + block / BLOCK) * ROWS;
                    UNROLL for (int r = 0; r < ROWS; r++) minima[r][p] = fma(minimum, (lanes)of_block[r], minima[r][p]);
#endif
                }
#endif
            }
#if IS_INTEGER
            FOR_ROWS_AND_PARTS whole[r][p] += LANES_TO_INT_RTZ(acc[r][p]);
#endif
        }
        for (int turn = 0; turn < SLOTS; turn++) {
            if (turn == slot && chunk < chunks) {
                UNROLL for (int p = 0; p < PARTS; p++) {
#if IS_CHUNK
                    lanes d = LOAD_LANES((const __global float*)binary + ROW(p));
                    UNROLL for (int r = 0; r < ROWS; r++) TOTAL(r, p) = fma(d * header[r], acc[r][p], TOTAL(r, p));
#elif IS_INTEGER
                    lanes d = HALF(binary, ROW(p));
                    UNROLL for (int r = 0; r < ROWS; r++) TOTAL(r, p) = fma(d * header[r], LANES_TO_FLOAT(whole[r][p]), TOTAL(r, p));
#if HAS_MINIMA
                    d = HALF(binary + 16, ROW(p));
                    UNROLL for (int r = 0; r < ROWS; r++) TOTAL(r, p) = fma(-(d * header[r]), minima[r][p], TOTAL(r, p));
#endif
#else
                    UNROLL for (int r = 0; r < ROWS; r++) TOTAL(r, p) = fma((lanes)header[r], acc[r][p], TOTAL(r, p));
#endif
                }
            }
            sync();
        }
    }
    if (slot > 0) return;
    UNROLL for (int r = 0; r < ROWS; r++) {
        if (first + r >= rows) break;
        UNROLL for (int p = 0; p < PARTS; p++) store_outputs(TOTAL(r, p), bias, y, faults, operation, first + r, panel * PANEL + ROW(p), outputs);
    }
}
