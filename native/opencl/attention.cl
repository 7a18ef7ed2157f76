// Causal grouped-query attention over the paged cache, decode and prefill alike: chunks of 256 absolute positions in parallel, merged in ascending order.
//   s = mul(dot(q, k), div(1, sqrt(head_dim))), key j visible to query i iff i − window < j ≤ i, kv head ⌊h·kv_heads/heads⌋
//   p = exp(sub(s, m_c)), z_c = tree256(p), o_c[d] = add(chain, +0), chain = fma(p[j], v[j][d], chain) over ascending visible j
//
// Shapes:  q, y [rows × heads × head_dim]; keys, values as in append_kv.cl; scratch [rows × heads × max_pages][pitch + 2]: o_c, m_c, z_c.
// Mapping: attention_chunk: a work-group per (head, row, chunk); lanes are positions while scoring and dimensions while summing. Groups without a visible
//          key end at once, so the launch depends on max_pages only. attention_merge: a work-group per (head, row), lanes are dimensions.
// Roofline: per row and head 4·head_dim FLOPs a visible key; heads of one kv head are neighbours and find its keys in the cache.
#include "common.clh"

#define PARTS 4 // independent chains per work-item, to hide the latency of fma

__kernel __attribute__((reqd_work_group_size(GROUP, 1, 1)))
void attention_chunk(const __global float* restrict q, const __global GLUE(ELEMENT_, TYPE)* restrict keys, const __global GLUE(ELEMENT_, TYPE)* restrict values,
                     const __global int* restrict positions, const __global int* restrict sequences, const __global int* restrict page_table, __global float* restrict scratch,
                     int first_row, int max_pages, int heads, int kv_heads, int head_dim, int pitch, int window, float scale) {
    __local float p[CHUNK], tree[CHUNK];
    int id = get_local_id(0), head = get_group_id(0), row = first_row + get_group_id(1), chunk = get_group_id(2);
    int position = positions[row], start = chunk * CHUNK;
    int first = position >= window ? position - window + 1 : 0;
    if (start > position || start + CHUNK <= first) return;
    int lane_first = max(first - start, 0), lane_end = min(position - start + 1, CHUNK);
    const __global float* query = q + ((size_t)row * heads + head) * head_dim;
    size_t page = (size_t)page_table[sequences[row] * max_pages + chunk] * kv_heads + (int)((long)head * kv_heads / heads);
    const __global GLUE(ELEMENT_, TYPE)* key = keys + page * head_dim * CHUNK;
    const __global GLUE(ELEMENT_, TYPE)* value = values + page * CHUNK * pitch;

    for (int j = id * LANES; j < CHUNK; j += GROUP * LANES * PARTS) {
        lanes total[PARTS];
        UNROLL for (int part = 0; part < PARTS; part++) total[part] = 0.0f;
        for (int base = 0; base < head_dim; base += CHUNK) {
            int end = min(base + CHUNK, head_dim);
            lanes acc[PARTS];
            UNROLL for (int part = 0; part < PARTS; part++) acc[part] = 0.0f;
            for (int d = base; d < end; d++)
                UNROLL for (int part = 0; part < PARTS; part++)
                    acc[part] = fma((lanes)query[d], GLUE(LOAD_, TYPE)(key + d * CHUNK + j + part * GROUP * LANES), acc[part]);
            UNROLL for (int part = 0; part < PARTS; part++) total[part] = total[part] + acc[part];
        }
        UNROLL for (int part = 0; part < PARTS; part++) {
            lanes score = total[part] * scale;
            STORE_LANES(score, p + j + part * GROUP * LANES);
        }
    }
    sync();
    // Positions that were never written may score anything; from here on they weigh +0.
    for (int j = id; j < CHUNK; j += GROUP) tree[j] = j >= lane_first && j < lane_end ? p[j] : -INFINITY;
    float maximum = max256(tree);
    for (int j = id * LANES; j < CHUNK; j += GROUP * LANES) {
        lanes weight = exact_exp_lanes(LOAD_LANES(p + j) - (lanes)maximum);
        STORE_LANES(weight, p + j);
    }
    sync();
    for (int j = id; j < CHUNK; j += GROUP) {
        if (j < lane_first || j >= lane_end) p[j] = 0.0f;
        tree[j] = p[j];
    }
    float normalizer = tree256(tree);

    __global float* part_of_row = scratch + (((size_t)get_group_id(1) * heads + head) * max_pages + chunk) * (pitch + 2);
    for (int d = id * LANES; d < pitch; d += GROUP * LANES * PARTS) {
        lanes acc[PARTS];
        UNROLL for (int part = 0; part < PARTS; part++) acc[part] = 0.0f;
        for (int j = lane_first; j < lane_end; j++) {
            const __global GLUE(ELEMENT_, TYPE)* v = value + j * pitch + d;
            UNROLL for (int part = 0; part < PARTS; part++)
                if (d + part * GROUP * LANES < pitch) acc[part] = fma((lanes)p[j], GLUE(LOAD_, TYPE)(v + part * GROUP * LANES), acc[part]);
        }
        UNROLL for (int part = 0; part < PARTS; part++)
            if (d + part * GROUP * LANES < pitch) STORE_LANES(acc[part] + (lanes)0.0f, part_of_row + d + part * GROUP * LANES);
    }
    if (id == 0) {
        part_of_row[pitch] = maximum;
        part_of_row[pitch + 1] = normalizer;
    }
}

// m' = max(m, m_c), a = exp(sub(m, m')), b = exp(sub(m_c, m')), z = fma(z, a, mul(z_c, b)), o = fma(o, a, mul(o_c, b)) from (−∞, +0, +0); y = div(o, z).
__kernel __attribute__((reqd_work_group_size(GROUP, 1, 1)))
void attention_merge(const __global float* restrict scratch, const __global int* restrict positions, __global float* restrict y, __global uint* restrict faults, uint operation,
                     int first_row, int max_pages, int heads, int head_dim, int pitch, int window) {
    int head = get_group_id(0), row = first_row + get_group_id(1), position = positions[row];
    int first = position >= window ? position - window + 1 : 0;
    const __global float* parts = scratch + ((size_t)get_group_id(1) * heads + head) * max_pages * (pitch + 2);
    for (int d = get_local_id(0) * LANES; d < pitch; d += GROUP * LANES) {
        lanes o = 0.0f;
        Softmax s = {-INFINITY, 0.0f, 0.0f, 0.0f};
        for (int chunk = first / CHUNK; chunk <= position / CHUNK; chunk++) {
            const __global float* part = parts + (size_t)chunk * (pitch + 2);
            s = softmax_merge(s, part[pitch], part[pitch + 1]);
            o = fma(o, (lanes)s.a, LOAD_LANES(part + d) * s.b);
        }
        float result[LANES];
        STORE_LANES(o / (lanes)s.normalizer, result);
        for (int i = 0; i < LANES && d + i < head_dim; i++) {
            uint at = ((uint)row * heads + head) * head_dim + d + i;
            y[at] = result[i];
            check_finite(faults, operation, result[i], at);
        }
    }
}
