// cache[sequence, position] = round(k), round(v), rounded to the cache's type; a value that rounds to infinity raises, keys before values.
//
// Shapes:  k, v [rows × kv_heads × head_dim]. Layout of one layer of the cache, in pages of 256 positions, which are the reduction chunks:
//            keys   [pages][kv_heads][head_dim][256]   so that neighbouring lanes score neighbouring positions,
//            values [pages][kv_heads][256][pitch]      so that they sum neighbouring dimensions; pitch is head_dim rounded up to 16, the padding zero.
// Mapping: a work-item per element of k.
#include "common.clh"

__kernel void append_kv(const __global float* restrict k, const __global float* restrict v, __global GLUE(ELEMENT_, TYPE)* restrict keys, __global GLUE(ELEMENT_, TYPE)* restrict values,
                        const __global int* restrict positions, const __global int* restrict sequences, const __global int* restrict page_table, __global uint* restrict faults,
                        uint key_operation, uint value_operation, int max_pages, int kv_heads, int head_dim, int pitch) {
    int d = get_global_id(0), head = get_global_id(1), row = get_global_id(2);
    if (d >= head_dim) return;
    int position = positions[row], slot = position % CHUNK;
    size_t page = (size_t)page_table[sequences[row] * max_pages + position / CHUNK] * kv_heads + head;
    uint at = ((uint)row * kv_heads + head) * head_dim + d;
    GLUE(ELEMENT_, TYPE) key = GLUE(ROUND_, TYPE)(k[at]), value = GLUE(ROUND_, TYPE)(v[at]);
    keys[(page * head_dim + d) * CHUNK + slot] = key;
    values[(page * CHUNK + slot) * pitch + d] = value;
    check_finite(faults, key_operation, GLUE(WIDEN_, TYPE)(key), at);
    check_finite(faults, value_operation, GLUE(WIDEN_, TYPE)(value), at);
}
