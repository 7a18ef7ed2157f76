// Relative distance of each sample from a reference, exact-1: d = sub(x, reference), y = div(sqrt(sum(mul(d, d))), max(sqrt(sum(mul(reference, reference))), 2^-126)),
// NaN if a sum is not finite; y is checked. Shapes: x, reference f32 [samples × count], y [samples].
// Order: tree256 in each chunk of 256 elements, chunks added in ascending order from +0. Threads: a block of 256 per sample, thread = lane of the chunk.
// Roofline: bandwidth of one multiprocessor per sample; 8 bytes per element. A latent of 4096 is 16 chunks: about 10 µs, once per audited step.
#include "common.cuh"

struct LatentDistanceArgs {
    const float* x;
    const float* reference;
    float* y;
    Fault fault;
    int count;
};

extern "C" __global__ void __launch_bounds__(CHUNK) latent_distance(LatentDistanceArgs p) {
    __shared__ float lanes[CHUNK];
    const float* x = p.x + (u64)blockIdx.x * p.count;
    const float* reference = p.reference + (u64)blockIdx.x * p.count;
    float difference = 0.0f, norm = 0.0f;
    for (int start = 0; start < p.count; start += CHUNK) {
        int i = start + (int)threadIdx.x;
        float r = i < p.count ? reference[i] : 0.0f, d = i < p.count ? sub(x[i], r) : 0.0f;
        difference = add(difference, block_tree256(mul(d, d), lanes));
        norm = add(norm, block_tree256(mul(r, r), lanes));
    }
    if (threadIdx.x != 0) return;
    const float smallest = 1.17549435e-38f; // 2^-126
    float y = __uint_as_float(0x7FC00000u);
    if (is_finite(difference) && is_finite(norm)) {
        float root = sqrt_rn(norm);
        y = div_rn(sqrt_rn(difference), root < smallest ? smallest : root);
    }
    p.y[blockIdx.x] = y;
    check_finite(p.fault, y, blockIdx.x);
}
