// u = mul(x, fma(mul(x, x), c1, c0)), y = div(x, add(1, exp(−u))), c0 = 2√(2/π), c1 = 0.044715·c0. Shapes: both [count]; y may be x. Mapping: a work-item per LANES elements. Bytes: 8·count.
#include "common.clh"

__kernel void gelu(const __global float* x, __global float* y, uint count) {
    uint first = get_global_id(0) * LANES;
    if (first >= count) return;
    if (count - first >= LANES) {
        lanes v = LOAD_LANES(x + first);
        lanes u = v * fma(v * v, (lanes)as_float(0x3D922279u), (lanes)as_float(0x3FCC422Au));
        STORE_LANES(v / ((lanes)1.0f + exact_exp_lanes(-u)), y + first);
    } else {
        for (uint i = first; i < count; i++) {
            float u = x[i] * fma(x[i] * x[i], as_float(0x3D922279u), as_float(0x3FCC422Au));
            y[i] = x[i] / (1.0f + exact_exp(-u));
        }
    }
}
