// y[r] = table[tokens[r]], widened. Shapes: table in the panels of linear.cl, tokens [rows], y [rows × columns].
// Mapping: a work-item per element of y; neighbours in a row read PANEL elements apart, which costs a decode step nothing beside the layers.
#include "common.clh"

__kernel void embed(const __global GLUE(ELEMENT_, TYPE)* restrict table, const __global int* restrict tokens, __global float* restrict y, int rows, int columns) {
    int column = get_global_id(0), row = get_global_id(1);
    if (column >= columns || row >= rows) return;
    int token = tokens[row];
    y[(size_t)row * columns + column] = GLUE(WIDEN_, TYPE)(table[((size_t)(token / PANEL) * columns + column) * PANEL + token % PANEL]);
}
