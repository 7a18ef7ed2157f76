// In place, for a = x[i], b = x[i + d], d = head_dim/2: a' = fma(−b, sin, mul(a, cos)), b' = fma(a, sin, mul(b, cos)).
// Shapes: x [rows × heads × head_dim], table [positions × head_dim]: d cosines, then d sines. Mapping: a work-item per pair.
#include "common.clh"

__kernel void rope(__global float* restrict x, const __global float* restrict table, const __global int* restrict positions, int rows, int heads, int head_dim) {
    int half_dim = head_dim / 2;
    int i = get_global_id(0), head = get_global_id(1), row = get_global_id(2);
    if (i >= half_dim) return;
    const __global float* angles = table + (size_t)positions[row] * head_dim;
    __global float* v = x + ((size_t)row * heads + head) * head_dim;
    float a = v[i], b = v[i + half_dim], cosine = angles[i], sine = angles[i + half_dim];
    v[i] = fma(-b, sine, a * cosine);
    v[i + half_dim] = fma(a, sine, b * cosine);
}
