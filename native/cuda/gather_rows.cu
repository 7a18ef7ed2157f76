// Row gather: y[i] = x[indices[i]].
// Shapes: x f32 [available × columns], indices int32 [rows], y f32 [rows × columns], another buffer. Bits are copied, nothing is computed.
// Threads: block i copies row i, 16 bytes per thread and turn where columns is a multiple of 4, else one element.
// Roofline: bandwidth; rows · columns · 8 bytes, no FLOPs.
#include "common.cuh"
#define THREADS 256

struct GatherRowsArgs {
    const unsigned* x;
    const int* indices;
    unsigned* y;
    int columns;
};

extern "C" __global__ void __launch_bounds__(THREADS) gather_rows(GatherRowsArgs p) {
    const unsigned* from = p.x + (u64)p.indices[blockIdx.x] * p.columns;
    unsigned* to = p.y + (u64)blockIdx.x * p.columns;
    if (p.columns % 4 == 0) {
        for (int i = threadIdx.x; i < p.columns / 4; i += THREADS) ((uint4*)to)[i] = ((const uint4*)from)[i];
    } else {
        for (int i = threadIdx.x; i < p.columns; i += THREADS) to[i] = from[i];
    }
}
