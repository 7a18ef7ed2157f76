// mu = div(sum(x), n), d = sub(x, mu), r = div(1, sqrt(add(div(sum(mul(d, d)), n), eps))), NaN if the sum is not finite; y = fma(mul(d, r), weight, bias).
//
// Shapes:  x, y [rows × columns] (may be the same); weight, bias [columns], or null for 1 and +0.
// Order:   sum is the tree of each 256-chunk, chunks added in ascending order from +0; absent elements are +0 in both sums.
// Mapping: a work-group per row. Bytes: 16·rows·columns, most of them from the cache.
#include "common.clh"
#include "layer_norm.clh"

__kernel __attribute__((reqd_work_group_size(GROUP, 1, 1)))
void layer_norm(const __global float* x, const __global float* weight, const __global float* bias, __global float* y, __global uint* restrict faults, uint operation, float epsilon, int columns) {
    __local float tree[CHUNK];
    int id = get_local_id(0), row = get_group_id(0);
    const __global float* input = x + (size_t)row * columns;
    __global float* output = y + (size_t)row * columns;
    float mean;
    float r = row_scale(input, columns, epsilon, tree, &mean);
    for (int i = id; i < columns; i += GROUP) {
        float value = fma((input[i] - mean) * r, weight ? weight[i] : 1.0f, bias ? bias[i] : 0.0f);
        output[i] = value;
        check_finite(faults, operation, value, (uint)row * columns + i);
    }
}
