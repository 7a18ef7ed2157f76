// Adaptive layer norm: y = fma(mul(d, r), add(1, scale), shift), d and r as in layer_norm.cl.
//
// Shapes:  x, y [rows × columns] (may be the same); row r belongs to sample ⌊r / rows_per_sample⌋, whose vectors begin at values + sample · stride: shift and scale are elements of it.
// Order:   as layer_norm.cl.
// Mapping: a work-group per row. Bytes: 16·rows·columns, most of them from the cache.
#include "common.clh"
#include "layer_norm.clh"

__kernel __attribute__((reqd_work_group_size(GROUP, 1, 1)))
void modulate(const __global float* x, const __global float* restrict values, __global float* y, __global uint* restrict faults, uint operation, float epsilon, int columns, int stride, int rows_per_sample, int shift, int scale) {
    __local float tree[CHUNK];
    int id = get_local_id(0), row = get_group_id(0);
    const __global float* input = x + (size_t)row * columns;
    __global float* output = y + (size_t)row * columns;
    float mean;
    float r = row_scale(input, columns, epsilon, tree, &mean);
    const __global float* sample = values + (size_t)(row / rows_per_sample) * stride;
    for (int i = id; i < columns; i += GROUP) {
        float value = fma((input[i] - mean) * r, 1.0f + sample[scale + i], sample[shift + i]);
        output[i] = value;
        check_finite(faults, operation, value, (uint)row * columns + i);
    }
}
