// r = div(1, sqrt(add(div(sum(mul(x, x)), n), eps))), NaN if the sum is not finite; y = mul(mul(x, r), weight).
//
// Shapes:  x, y [rows × columns] (may be the same), weight [columns].
// Order:   sum is the tree of each 256-chunk, chunks added in ascending order from +0.
// Mapping: a work-group per row. Bytes: 12·rows·columns, most of them from the cache.
#include "common.clh"

__kernel __attribute__((reqd_work_group_size(GROUP, 1, 1)))
void rms_norm(const __global float* x, const __global float* restrict weight, __global float* y, __global uint* restrict faults, uint operation, float epsilon, int columns) {
    __local float tree[CHUNK];
    int id = get_local_id(0), row = get_group_id(0);
    const __global float* input = x + (size_t)row * columns;
    __global float* output = y + (size_t)row * columns;
    float sum = 0.0f;
    for (int start = 0; start < columns; start += CHUNK) {
        int count = min(CHUNK, columns - start);
        sync();
        for (int j = id; j < CHUNK; j += GROUP) {
            float value = j < count ? input[start + j] : 0.0f;
            tree[j] = value * value;
        }
        sum = sum + tree256(tree);
    }
    float r = is_finite(sum) ? 1.0f / sqrt(sum / (float)columns + epsilon) : NAN;
    for (int i = id; i < columns; i += GROUP) {
        float value = input[i] * r * weight[i];
        output[i] = value;
        check_finite(faults, operation, value, (uint)row * columns + i);
    }
}
