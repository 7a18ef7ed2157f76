// Bidirectional attention is append_kv.cl and attention.cl on a binary32 cache that the queue keeps: every query stands at its sample's last visible key.
// This writes what those kernels read: position and sequence of every key and query, and a page table of pages in order.
// Shapes: key_counts int32 [samples] or null for all, held to [1, keys]; query_* [samples × queries], key_* [samples × keys], page tables [samples × pages].
// Mapping: a work-item per (entry, sample), entries the most that either side has.
#include "common.clh"

__kernel void bidirectional_layout(const __global int* key_counts, __global int* restrict query_positions, __global int* restrict query_sequences, __global int* restrict query_pages,
                                   __global int* restrict key_positions, __global int* restrict key_sequences, __global int* restrict key_pages, int queries, int keys, int pages) {
    int i = get_global_id(0), sample = get_global_id(1);
    if (i < queries) {
        query_positions[sample * queries + i] = (key_counts ? clamp(key_counts[sample], 1, keys) : keys) - 1;
        query_sequences[sample * queries + i] = sample;
    }
    if (i < keys) {
        key_positions[sample * keys + i] = i;
        key_sequences[sample * keys + i] = sample;
    }
    if (i < pages) query_pages[sample * pages + i] = key_pages[sample * pages + i] = sample * pages + i;
}
