// y = x rounded to bfloat16, to nearest even: the activations of a linear layer in fast mode. Mapping: a work-item per element.
#include "common.clh"

__kernel void round_bf16(const __global float* restrict x, __global float* restrict y, uint count) {
    uint i = get_global_id(0);
    if (i < count) y[i] = widen_bf16(round_bf16_bits(x[i]));
}
