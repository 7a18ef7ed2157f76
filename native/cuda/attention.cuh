// What the attention kernels share: arguments, which keys a row sees, and where the parts of a chunk are kept until they are merged.
#pragma once
#include "kv_cache.cuh"

// Rows first_row … first_row + rows of the step. Key j is visible to a row at position i iff i − window < j ≤ i.
// A row's chunks are numbered from the one with its first visible key: slot 0 … slots − 1. parts holds o_c and states (m_c, z_c) of
// [row − first_row][head][slot].
struct AttentionArgs {
    const void* cache; // the layer
    const float* q;    // [rows][heads][head_dim]
    float* y;          // as q
    const int* positions;
    const int* sequences;
    const int* page_table; // [sequences][max_pages]
    float* parts;          // [rows][heads][slots][head_dim]
    float2* states;        // [rows][heads][slots]
    Fault fault;
    int first_row, rows, heads, kv_heads, head_dim, window, max_pages, slots;
    float scale; // div(1, sqrt(head_dim))
};

__device__ __forceinline__ int first_visible(int position, int window) { return max(0, position - window + 1); }

// Index of a part: of its state, and, times head_dim, of its sums.
__device__ __forceinline__ u64 part_index(const AttentionArgs& p, int row, int head, int slot) {
    return ((u64)(row - p.first_row) * p.heads + head) * p.slots + slot;
}

// A block's keys; its values follow CHUNK · padded elements later.
template <int TYPE> __device__ __forceinline__ const typename stored<TYPE>::element* kv_block(const AttentionArgs& p, int sequence, int chunk, int kv_head, int padded) {
    int page = p.page_table[sequence * p.max_pages + chunk];
    return (const typename stored<TYPE>::element*)p.cache + kv_layout<TYPE>::block(page, p.kv_heads, kv_head, padded);
}
