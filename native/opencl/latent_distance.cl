// d = sub(x, reference), y = div(sqrt(sum(mul(d, d))), max(sqrt(sum(mul(reference, reference))), 2^-126)), NaN if a sum is not finite; y is checked.
//
// Shapes:  x, reference [samples × count], y [samples].
// Order:   sum is the tree of each 256-chunk, chunks added in ascending order from +0.
// Mapping: a work-group per sample. Bytes: 8·samples·count.
#include "common.clh"

__kernel __attribute__((reqd_work_group_size(GROUP, 1, 1)))
void latent_distance(const __global float* x, const __global float* reference, __global float* restrict y, __global uint* restrict faults, uint operation, int count) {
    __local float differences[CHUNK], squares[CHUNK];
    int id = get_local_id(0), sample = get_group_id(0);
    float difference = 0.0f, norm = 0.0f;
    for (int start = 0; start < count; start += CHUNK) {
        sync();
        for (int j = id; j < CHUNK; j += GROUP) {
            size_t i = (size_t)sample * count + start + j;
            float r = start + j < count ? reference[i] : 0.0f, d = start + j < count ? x[i] - r : 0.0f;
            differences[j] = d * d;
            squares[j] = r * r;
        }
        difference = difference + tree256(differences);
        norm = norm + tree256(squares);
    }
    if (id != 0) return;
    float root = sqrt(norm), value = sqrt(difference) / (root < 0x1p-126f ? 0x1p-126f : root);
    if (!is_finite(difference) || !is_finite(norm)) value = NAN;
    y[sample] = value;
    check_finite(faults, operation, value, sample);
}
