// One scheduler step of every sample by the coefficients of its DenoiseRow:
//   v = fma(guidance, sub(cond, uncond), uncond), or the output itself   x0 = fma(data_output, v, mul(data_latent, x)), clamped to ± limit
//   x' = fma(from_output, v, fma(from_data, x0, mul(from_latent, x)))    x' = fma(from_noise, noise, x') where there is noise; x' is checked
//
// Shapes:  x, noise (or null), y [samples × count]; output [samples × count], in a guided step conditional, then unconditional; y may be x.
// Mapping: a work-item per element. Bytes: 12 to 20 per element.
#include "common.clh"

typedef struct {
    float input_scale, guidance, data_latent, data_output, limit, from_latent, from_data, from_output, from_noise;
} DenoiseRow;

__kernel void denoise_step(const __global float* x, const __global float* output, const __global float* noise, const __global DenoiseRow* restrict rows, __global float* y,
                           __global uint* restrict faults, uint operation, int samples, int count, int guided) {
    int column = get_global_id(0), sample = get_global_id(1);
    if (column >= count) return;
    uint i = (uint)sample * count + column;
    const __global DenoiseRow* c = rows + sample;
    float v = output[i], latent = x[i];
    if (guided) {
        float unconditional = output[(size_t)samples * count + i];
        v = fma(c->guidance, v - unconditional, unconditional);
    }
    float data = fma(c->data_output, v, c->data_latent * latent);
    if (data < -c->limit) data = -c->limit;
    if (data > c->limit) data = c->limit;
    float next = fma(c->from_output, v, fma(c->from_data, data, c->from_latent * latent));
    if (noise) next = fma(c->from_noise, noise[i], next);
    y[i] = next;
    check_finite(faults, operation, next, i);
}
