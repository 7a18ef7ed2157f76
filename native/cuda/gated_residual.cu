// Gated residual: x = fma(gate, y, x) in place; every sum is checked.
// Shapes: x, y f32 [rows × columns]; row r belongs to sample ⌊r / rows_per_sample⌋, whose gate [columns] begins at gates + sample · stride. Elements are independent.
// Threads: grid-stride, one element per thread and turn, neighbours on neighbouring elements.
// Roofline: bandwidth; 12 bytes and 2 FLOPs per element, the gates from a cache.
#include "common.cuh"
#define THREADS 256

struct GatedResidualArgs {
    float* x;
    const float* y;
    const float* gates;
    u64 count;
    Fault fault;
    int columns, stride, rows_per_sample;
};

extern "C" __global__ void __launch_bounds__(THREADS) gated_residual(GatedResidualArgs p) {
    for (u64 i = (u64)blockIdx.x * THREADS + threadIdx.x; i < p.count; i += (u64)gridDim.x * THREADS) {
        u64 row = i / p.columns;
        float gate = p.gates[row / p.rows_per_sample * p.stride + (i - row * p.columns)];
        float sum = fma_rn(gate, p.y[i], p.x[i]);
        p.x[i] = sum;
        check_finite(p.fault, sum, i);
    }
}
