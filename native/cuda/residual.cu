// Residual: x = add(x, y) in place; every sum is checked.
// Shapes: x, y f32 [count]. Elements are independent: no order to keep. x and y may be one buffer.
// Threads: grid-stride, four elements (16 bytes) per thread and turn; the last count mod 4 go one by one.
// Roofline: bandwidth; 12 bytes and 1 FLOP per element.
#include "common.cuh"
#define THREADS 256

struct ResidualArgs {
    float* x;
    const float* y;
    u64 count;
    Fault fault;
};

static __device__ __forceinline__ float checked_add(Fault fault, float a, float b, u64 index) {
    float sum = add(a, b);
    check_finite(fault, sum, index);
    return sum;
}

extern "C" __global__ void __launch_bounds__(THREADS) residual(ResidualArgs p) {
    u64 thread = (u64)blockIdx.x * THREADS + threadIdx.x, stride = (u64)gridDim.x * THREADS, quads = p.count / 4;
    for (u64 i = thread; i < quads; i += stride) {
        float4 a = ((const float4*)p.x)[i], b = ((const float4*)p.y)[i];
        a.x = checked_add(p.fault, a.x, b.x, 4 * i);
        a.y = checked_add(p.fault, a.y, b.y, 4 * i + 1);
        a.z = checked_add(p.fault, a.z, b.z, 4 * i + 2);
        a.w = checked_add(p.fault, a.w, b.w, 4 * i + 3);
        ((float4*)p.x)[i] = a;
    }
    u64 tail = 4 * quads + thread;
    if (tail < p.count) p.x[tail] = checked_add(p.fault, p.x[tail], p.y[tail], tail);
}
