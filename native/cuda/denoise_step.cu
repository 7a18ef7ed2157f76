// One scheduler step of every sample by the coefficients of its DenoiseRow:
//   v = fma(guidance, sub(cond, uncond), uncond), or the output itself   x0 = fma(data_output, v, mul(data_latent, x)), clamped to ± limit
//   x' = fma(from_output, v, fma(from_data, x0, mul(from_latent, x)))    x' = fma(from_noise, noise, x') where there is noise; x' is checked
// Shapes: x, noise, y f32 [samples × count]; output [samples × count], in a guided step conditional, then unconditional; y may be x. Elements are independent.
// Threads: grid-stride, neighbours on neighbouring elements. Roofline: bandwidth; 12 to 20 bytes and at most 9 FLOPs per element. A latent is small: launch latency.
#include "common.cuh"
#define THREADS 256

struct DenoiseRow {
    float input_scale, guidance, data_latent, data_output, limit, from_latent, from_data, from_output, from_noise;
};

struct DenoiseStepArgs {
    const float* x;
    const float* output;
    const float* noise; // or null
    const DenoiseRow* rows;
    float* y;
    u64 total; // samples · count
    Fault fault;
    int count, guided;
};

extern "C" __global__ void __launch_bounds__(THREADS) denoise_step(DenoiseStepArgs p) {
    for (u64 i = (u64)blockIdx.x * THREADS + threadIdx.x; i < p.total; i += (u64)gridDim.x * THREADS) {
        DenoiseRow c = p.rows[i / p.count];
        float x = p.x[i], v = p.output[i];
        if (p.guided) {
            float unconditional = p.output[p.total + i];
            v = fma_rn(c.guidance, sub(v, unconditional), unconditional);
        }
        float data = fma_rn(c.data_output, v, mul(c.data_latent, x));
        if (data < -c.limit) data = -c.limit;
        if (data > c.limit) data = c.limit;
        float next = fma_rn(c.from_output, v, fma_rn(c.from_data, data, mul(c.from_latent, x)));
        if (p.noise) next = fma_rn(c.from_noise, p.noise[i], next);
        p.y[i] = next;
        check_finite(p.fault, next, i);
    }
}
