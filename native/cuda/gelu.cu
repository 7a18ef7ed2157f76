// GELU, tanh form: u = mul(x, fma(mul(x, x), c1, c0)), y = div(x, add(1, exp(−u))), c0 = 2√(2/π), c1 = 0.044715·c0.
// Shapes: x, y f32 [count] (may be one buffer). Elements are independent: no order to keep; nothing is checked.
// Threads: grid-stride, four elements (16 bytes) per thread and turn; the last count mod 4 go one by one.
// Roofline: 8 bytes and about 25 FLOPs per element, the correctly rounded division included: bandwidth.
#include "common.cuh"
#define THREADS 256

struct GeluArgs {
    const float* x;
    float* y;
    u64 count;
};

static __device__ __forceinline__ float activated(float x) {
    float u = mul(x, fma_rn(mul(x, x), __uint_as_float(0x3D922279u), __uint_as_float(0x3FCC422Au)));
    return div_rn(x, add(1.0f, exact_exp(-u)));
}

extern "C" __global__ void __launch_bounds__(THREADS) gelu(GeluArgs p) {
    u64 thread = (u64)blockIdx.x * THREADS + threadIdx.x, stride = (u64)gridDim.x * THREADS, quads = p.count / 4;
    for (u64 i = thread; i < quads; i += stride) {
        float4 x = ((const float4*)p.x)[i];
        ((float4*)p.y)[i] = make_float4(activated(x.x), activated(x.y), activated(x.z), activated(x.w));
    }
    u64 tail = 4 * quads + thread;
    if (tail < p.count) p.y[tail] = activated(p.x[tail]);
}
