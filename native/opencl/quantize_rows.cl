// The input of a linear layer on integer weights, per row and chunk of 256 (docs/exact-arithmetic.md, "Integer weights"):
//   amax = max |x[k]|; dx = div(amax, 127), q[k] = rint(mul(x[k], div(1, dx))); both 0 where amax < 2⁻¹⁰⁰; dx NaN and q 0 where an x is not finite
//
// Shapes:   x [rows × columns], y tiles of `tile` rows as in quantized_rows.clh; rows of the last tile past the end repeat the last row.
// Mapping:  a work-group owns one chunk of one row. Magnitudes are compared as integers, whose order is that of the numbers, with what is not finite above all.
// Roofline: bytes = 4·rows·columns·(⌈rows/tile⌉·tile/rows + 1); 1/outputs of the layer's multiply-adds.
#include "common.clh"
#include "quantized_rows.clh"

#define WIDTH (GROUP * LANES)
#define SUM 32 // columns of a sum

__kernel __attribute__((reqd_work_group_size(GROUP, 1, 1)))
void quantize_rows(const __global float* restrict x, __global float* restrict y, int rows, int columns, int tile) {
    __local float value[CHUNK];
    __local uint most[WIDTH];
    int id = get_local_id(0), chunk = get_group_id(0), row = get_group_id(1), chunks = get_num_groups(0);
    int count = min(CHUNK, columns - chunk * CHUNK);
    x += (size_t)min(row, rows - 1) * columns + chunk * CHUNK;
    y += ((size_t)(row / tile) * chunks + chunk) * tile * ROW_WORDS + row % tile;

    for (int k = id; k < CHUNK; k += GROUP) value[k] = k < count ? x[k] : 0.0f;
    sync();
    lanes_uint largest = 0;
    for (int k = id * LANES; k < CHUNK; k += WIDTH) largest = max(largest, AS_LANES_UINT(LOAD_LANES(value + k)) & 0x7FFFFFFFu);
    STORE_LANES(largest, most + id * LANES);
    for (int m = WIDTH / 2; m > 0; m /= 2) {
        sync();
        for (int j = id; j < m; j += GROUP) most[j] = max(most[j], most[j + m]);
    }
    sync();

    bool finite = most[0] < 0x7F800000u, some = finite && most[0] >= 0x0D800000u; // 2⁻¹⁰⁰
    float d = some ? as_float(most[0]) / 127.0f : finite ? 0.0f : NAN;
    float inverse = some ? 1.0f / d : 0.0f;
    for (int k = id * LANES; k < CHUNK; k += WIDTH) {
        // rint: beyond 1.5·2²³ the numbers are the integers.
        lanes q = 0.0f;
        if (some) q = (LOAD_LANES(value + k) * inverse + 12582912.0f) - 12582912.0f;
        STORE_LANES(q, value + k);
    }
    sync();
    if (id == 0) y[0] = d;
    for (int s = id; s < CHUNK / SUM; s += GROUP) {
        int sum = 0; // of integers, whose order is free, so that a compiler may find vectors
        for (int k = 0; k < SUM; k++) sum += (int)value[s * SUM + k];
        y[(ROW_SUMS + s) * tile] = (float)sum;
    }
    for (int k = id; k < CHUNK; k += GROUP) y[(ROW_HEADER + k) * tile] = value[k];
}
