// What the model reads in a scheduler step: y[b, s] = mul(input_scale of sample s, x[s]) for each branch b.
// Shapes: x [samples × count], y [branches × samples × count]; rows: DenoiseRow [samples], 9 floats each, the input scale first. Mapping: a work-item per element of y.
#include "common.clh"

__kernel void denoise_input(const __global float* restrict x, const __global float* restrict rows, __global float* restrict y, int samples, int count) {
    int i = get_global_id(0), sample = get_global_id(1), branch = get_global_id(2);
    if (i >= count) return;
    y[((size_t)branch * samples + sample) * count + i] = rows[9 * sample] * x[(size_t)sample * count + i];
}
