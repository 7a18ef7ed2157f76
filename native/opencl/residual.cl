// x = add(x, y), checked. Shapes: both [count]. Mapping: a work-item per LANES elements. Bytes: 12·count.
#include "common.clh"

__kernel void residual(__global float* restrict x, const __global float* restrict y, __global uint* restrict faults, uint operation, uint count) {
    uint first = get_global_id(0) * LANES;
    if (first >= count) return;
    uint end = min(first + LANES, count);
    if (end - first == LANES) {
        lanes sum = LOAD_LANES(x + first) + LOAD_LANES(y + first);
        STORE_LANES(sum, x + first);
    } else {
        for (uint i = first; i < end; i++) x[i] = x[i] + y[i];
    }
    for (uint i = first; i < end; i++) check_finite(faults, operation, x[i], i);
}
