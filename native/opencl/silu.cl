// y = div(x, add(1, exp(−x))). Shapes: both [count]; y may be x. Mapping: a work-item per LANES elements. Bytes: 8·count.
#include "common.clh"

__kernel void silu(const __global float* x, __global float* y, uint count) {
    uint first = get_global_id(0) * LANES;
    if (first >= count) return;
    if (count - first >= LANES) {
        lanes v = LOAD_LANES(x + first);
        STORE_LANES(v / ((lanes)1.0f + exact_exp_lanes(-v)), y + first);
    } else {
        for (uint i = first; i < count; i++) {
            y[i] = x[i] / (1.0f + exact_exp(-x[i]));
        }
    }
}
