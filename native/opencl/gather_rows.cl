// y[i] = x[indices[i]]. Shapes: indices [rows], y [rows × columns]. Mapping: a work-item per element.
#include "common.clh"

__kernel void gather_rows(const __global float* restrict x, const __global int* restrict indices, __global float* restrict y, int rows, int columns) {
    int column = get_global_id(0), row = get_global_id(1);
    if (column < columns && row < rows) y[(size_t)row * columns + column] = x[(size_t)indices[row] * columns + column];
}
