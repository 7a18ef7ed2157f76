// SiLU gate: y = mul(div(g, add(1, exp(−g))), up).
// Shapes: gate, up, y f32 [count]; y may be gate or up. Elements are independent: no order to keep; nothing is checked.
// Threads: grid-stride, four elements (16 bytes) per thread and turn; the last count mod 4 go one by one.
// Roofline: 12 bytes and about 25 FLOPs per element, the correctly rounded division included: bandwidth.
#include "common.cuh"
#define THREADS 256

struct GatedActivationArgs {
    const float* gate;
    const float* up;
    float* y;
    u64 count;
};

static __device__ __forceinline__ float gated(float g, float up) { return mul(div_rn(g, add(1.0f, exact_exp(-g))), up); }

extern "C" __global__ void __launch_bounds__(THREADS) gated_activation(GatedActivationArgs p) {
    u64 thread = (u64)blockIdx.x * THREADS + threadIdx.x, stride = (u64)gridDim.x * THREADS, quads = p.count / 4;
    for (u64 i = thread; i < quads; i += stride) {
        float4 g = ((const float4*)p.gate)[i], u = ((const float4*)p.up)[i];
        ((float4*)p.y)[i] = make_float4(gated(g.x, u.x), gated(g.y, u.y), gated(g.z, u.z), gated(g.w, u.w));
    }
    u64 tail = 4 * quads + thread;
    if (tail < p.count) p.y[tail] = gated(p.gate[tail], p.up[tail]);
}
