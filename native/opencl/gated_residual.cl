// x = fma(gate, y, x), checked. Shapes: both [rows × columns]; row r belongs to sample ⌊r / rows_per_sample⌋, whose gate [columns] begins at element gate + sample · stride of values.
// Mapping: a work-item per element. Bytes: 12·rows·columns.
#include "common.clh"

__kernel void gated_residual(__global float* x, const __global float* y, const __global float* restrict values, __global uint* restrict faults, uint operation,
                             int columns, int stride, int rows_per_sample, int gate) {
    int column = get_global_id(0), row = get_global_id(1);
    if (column >= columns) return;
    uint i = (uint)row * columns + column;
    float sum = fma(values[(size_t)(row / rows_per_sample) * stride + gate + column], y[i], x[i]);
    x[i] = sum;
    check_finite(faults, operation, sum, i);
}
