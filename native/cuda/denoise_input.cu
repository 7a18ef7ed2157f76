// What the model reads in a scheduler step: y[b, s] = mul(input_scale of sample s, x[s]) for each branch b.
// Shapes: x f32 [samples × count], y [branches × samples × count]; rows: DenoiseRow [samples], 9 floats each, the input scale first. Elements are independent; nothing is checked.
// Threads: grid-stride over x, neighbours on neighbouring elements. Roofline: bandwidth; 4 + 4 · branches bytes per element of x. A latent is small: launch latency.
#include "common.cuh"
#define THREADS 256
#define ROW 9 // floats of a DenoiseRow

struct DenoiseInputArgs {
    const float* x;
    const float* rows;
    float* y;
    u64 total; // samples · count
    int count, branches;
};

extern "C" __global__ void __launch_bounds__(THREADS) denoise_input(DenoiseInputArgs p) {
    for (u64 i = (u64)blockIdx.x * THREADS + threadIdx.x; i < p.total; i += (u64)gridDim.x * THREADS) {
        float input = mul(p.rows[i / p.count * ROW], p.x[i]);
        for (int b = 0; b < p.branches; b++) p.y[b * p.total + i] = input;
    }
}
