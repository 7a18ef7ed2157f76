// Adaptive layer norm, exact-1: y = fma(mul(d, r), add(1, scale), shift), d and r as layer_norm.cuh has them; y is checked.
// Shapes: x, y f32 [rows × columns] (may be one buffer); row r belongs to sample ⌊r / rows_per_sample⌋, whose vectors begin at values + sample · stride:
// shift and scale are elements of it.
// Threads: a warp per row, 4 rows per block; the row is read three times, twice from the first-level cache, as are the vectors its neighbours share.
// Roofline: bandwidth; 8 bytes and 8 FLOPs per element.
#include "layer_norm.cuh"

struct ModulateArgs {
    const float* x;
    const float* values;
    float* y;
    Fault fault;
    int rows, columns, stride, rows_per_sample, shift, scale;
    float epsilon;
};

extern "C" __global__ void __launch_bounds__(32 * ROWS) modulate(ModulateArgs p) {
    int row = (int)blockIdx.x * ROWS + (int)threadIdx.x / 32, lane = threadIdx.x % 32;
    if (row >= p.rows) return;
    u64 first = (u64)row * p.columns;
    const float* sample = p.values + (u64)(row / p.rows_per_sample) * p.stride;
    RowStatistics statistics = row_statistics(p.x + first, p.columns, p.epsilon, lane);
    for (int column = lane; column < p.columns; column += 32) {
        float y = fma_rn(normalized(statistics, p.x[first + column]), add(1.0f, sample[p.scale + column]), sample[p.shift + column]);
        p.y[first + column] = y;
        check_finite(p.fault, y, first + column);
    }
}
