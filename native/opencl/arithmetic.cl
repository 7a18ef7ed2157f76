// Each primitive of profile exact-1 on [count] operands, to compare with the host: results [6 × count]. Mapping: a work-item per operand.
#include "common.clh"

__kernel void arithmetic(const __global float* restrict operands, __global float* restrict results, int count) {
    int i = get_global_id(0);
    float x = operands[i], y = operands[count + i], z = operands[2 * count + i];
    results[i] = x + y;
    results[count + i] = x * y;
    results[2 * count + i] = fma(x, y, z);
    results[3 * count + i] = x / y;
    results[4 * count + i] = sqrt(x);
    results[5 * count + i] = x * y + z;
}
