// y = mul(div(gate, add(1, exp(−gate))), up). Shapes: all [count]; y may be gate or up. Mapping: a work-item per LANES elements. Bytes: 12·count.
#include "common.clh"

__kernel void gated_activation(const __global float* gate, const __global float* up, __global float* y, uint count) {
    uint first = get_global_id(0) * LANES;
    if (first >= count) return;
    if (count - first >= LANES) {
        lanes g = LOAD_LANES(gate + first);
        lanes activated = g / ((lanes)1.0f + exact_exp_lanes(-g));
        STORE_LANES(activated * LOAD_LANES(up + first), y + first);
    } else {
        for (uint i = first; i < count; i++) y[i] = gate[i] / (1.0f + exact_exp(-gate[i])) * up[i];
    }
}
