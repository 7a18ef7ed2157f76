// y[r, j] = dot(x[r], w[j]) (+ bias[j]). One kernel for decoding and prefill: ROWS rows of x share one pass over a panel of weights.
//
// Shapes:   x [rows × columns], w [⌈outputs/32⌉][columns][32]: panels of 32 rows interleaved, zeros past the last row; y [rows × outputs].
// Order:    per chunk of 256 a chain acc = fma(x[k], w[k], acc) from +0; chunk sums added in ascending order from +0; the bias last.
// Mapping:  a work-group owns one panel and ROWS rows of x; groups of one panel are neighbours, so that the panel stays in the cache. ITEMS work-items of
//           PARTS vectors cover the panel; SLOTS of them side by side take chunks c, c + 1, …, whose sums meet in local memory. On a processor
//           ITEMS = SLOTS = 1 and ROWS · PARTS chains in registers hide the latency of fma.
// Roofline: bytes = outputs·columns·size(w) per ⌈rows/ROWS⌉ passes (from memory once while a panel fits the cache), FLOPs = 2·rows·outputs·columns.
#include "linear.clh"

__kernel __attribute__((reqd_work_group_size(GROUP, 1, 1)))
void linear(const __global float* restrict x, const __global GLUE(ELEMENT_, TYPE)* restrict w, const __global float* restrict bias, __global float* restrict y,
            __global uint* restrict faults, uint operation, int rows, int columns, int outputs) {
    int item = get_local_id(0) % ITEMS, slot = get_local_id(0) / ITEMS;
    int panel = get_group_id(1), first = get_group_id(0) * ROWS, chunks = (columns + CHUNK - 1) / CHUNK;
#if SLOTS > 1
    __local lanes sums[SLOTS][ROWS][PARTS][ITEMS];
#endif
    const __global GLUE(ELEMENT_, TYPE)* column = w + (size_t)panel * columns * PANEL + item * LANES;
    const __global float* input[ROWS];
    lanes total[ROWS][PARTS];
    // Rows past the end repeat the last one; they are computed and not stored.
    UNROLL for (int r = 0; r < ROWS; r++) {
        input[r] = x + (size_t)min(first + r, rows - 1) * columns;
        UNROLL for (int p = 0; p < PARTS; p++) total[r][p] = 0.0f;
    }
    for (int base = 0; base < chunks; base += SLOTS) {
        int begin = min((base + slot) * CHUNK, columns), end = min(begin + CHUNK, columns);
        lanes acc[ROWS][PARTS];
        UNROLL for (int r = 0; r < ROWS; r++)
            UNROLL for (int p = 0; p < PARTS; p++) acc[r][p] = 0.0f;
        for (int k = begin; k < end; k++) {
            UNROLL for (int p = 0; p < PARTS; p++) {
                lanes weight = GLUE(LOAD_, TYPE)(column + (size_t)k * PANEL + p * ITEMS * LANES);
                UNROLL for (int r = 0; r < ROWS; r++) acc[r][p] = fma((lanes)input[r][k], weight, acc[r][p]);
            }
        }
#if SLOTS > 1
        UNROLL for (int r = 0; r < ROWS; r++)
            UNROLL for (int p = 0; p < PARTS; p++) sums[slot][r][p][item] = acc[r][p];
        sync();
        // Every slot adds the same sums, so no slot waits for another. Absent chunks of the last round are +0, and a total is never −0: nothing changes.
        for (int s = 0; s < SLOTS; s++)
            UNROLL for (int r = 0; r < ROWS; r++)
                UNROLL for (int p = 0; p < PARTS; p++) total[r][p] = total[r][p] + sums[s][r][p][item];
        sync();
#else
        UNROLL for (int r = 0; r < ROWS; r++)
            UNROLL for (int p = 0; p < PARTS; p++) total[r][p] = total[r][p] + acc[r][p];
#endif
    }
    if (slot > 0) return;
    UNROLL for (int r = 0; r < ROWS; r++) {
        if (first + r >= rows) break;
        UNROLL for (int p = 0; p < PARTS; p++)
            store_outputs(total[r][p], bias, y, faults, operation, first + r, panel * PANEL + (item + p * ITEMS) * LANES, outputs);
    }
}
