// y[r, d] = mul(dot(h[r], sign[d]), div(1, sqrt(columns))), signs from Philox, never stored.
//
// Shapes:  h [rows × columns], y [rows × directions].
// Order:   the profile's dot: chains over chunks of 256, chunk sums added in ascending order from +0. A product by ±1 is exact, so fma(h, ±1, acc) is add(acc, ±h).
// Mapping: a work-item per LANES directions and ROWS rows, so that a sign serves ROWS rows. One Philox call makes 128 signs of a direction:
//          coordinate c is bit c mod 32 of word ⌊c/32⌋ mod 4, a set bit means −1; counter (⌊c/128⌋, direction, tag, 0).
// Roofline: rows·columns·directions additions against 4·rows·columns bytes: compute-bound from 8 directions on.
#include "common.clh"

#define TAG 0x53525044u // "SRPD"
#if LANES == 1
#define AS_BITS(v) as_uint(v)
#else
#define AS_BITS(v) GLUE(as_uint, LANES)(v)
#endif

__kernel void srp_project(const __global float* restrict h, __global float* restrict y, __global uint* restrict faults, uint operation, ulong seed, float scale,
                          int rows, int columns, int directions) {
    int first_direction = get_global_id(0) * LANES, first = get_global_id(1) * ROWS;
    if (first_direction >= directions) return;
    lanes_uint direction = count_from((uint)first_direction);
    const __global float* input[ROWS];
    lanes total[ROWS], acc[ROWS];
    UNROLL for (int r = 0; r < ROWS; r++) {
        input[r] = h + (size_t)min(first + r, rows - 1) * columns;
        total[r] = 0.0f;
        acc[r] = 0.0f;
    }
    for (int block = 0; block * 128 < columns; block++) {
        lanes_uint word[4] = {(lanes_uint)(uint)block, direction, (lanes_uint)TAG, (lanes_uint)0u};
        philox_lanes(seed, word);
        UNROLL for (int w = 0; w < 4; w++) {
            lanes_uint bits = word[w];
            int begin = block * 128 + w * 32, end = min(begin + 32, columns);
            for (int c = begin; c < end; c++) {
                lanes_uint sign = bits << 31;
                bits = bits >> 1;
                UNROLL for (int r = 0; r < ROWS; r++) acc[r] = acc[r] + AS_LANES(AS_BITS((lanes)input[r][c]) ^ sign);
            }
        }
        if (block % 2 == 1 || (block + 1) * 128 >= columns)
            UNROLL for (int r = 0; r < ROWS; r++) {
                total[r] = total[r] + acc[r];
                acc[r] = 0.0f;
            }
    }
    UNROLL for (int r = 0; r < ROWS; r++) {
        if (first + r >= rows) break;
        float value[LANES];
        STORE_LANES(total[r] * scale, value);
        for (int i = 0; i < LANES && first_direction + i < directions; i++) {
            uint at = (uint)(first + r) * directions + first_direction + i;
            y[at] = value[i];
            check_finite(faults, operation, value[i], at);
        }
    }
}
