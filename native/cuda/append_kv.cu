// Appends keys and values: cache[sequence, position] = round(k), round(v), to nearest even, to the cache's type; the rounded values are checked.
// Shapes: k, v f32 [rows × kv_heads × head_dim]; cache: one layer, laid out as kv_cache.cuh says; positions, sequences int32 [rows]; page_table int32 [sequences × max_pages].
// Elements are independent: no order to keep.
// Threads: block r takes row r; a thread rounds one element of k and of v per turn, d fastest: reads and the stores of v coalesce, those of k fill 16-byte groups.
// Roofline: bandwidth; 8 bytes read and 2 · sizeof(CACHE_TYPE) written per element of a row. A decode step's is a few KB: launch latency.
#include "kv_cache.cuh"
#ifndef CACHE_TYPE
#error "append_kv.cu needs -DCACHE_TYPE=…"
#endif
#define THREADS 256

typedef kv_layout<CACHE_TYPE> layout;
typedef stored<CACHE_TYPE> format;

struct AppendKvArgs {
    layout::element* cache;
    const float* k;
    const float* v;
    const int* positions;
    const int* sequences;
    const int* page_table;
    Fault key_fault;
    Fault value_fault;
    int kv_heads;
    int head_dim;
    int max_pages;
};

extern "C" __global__ void __launch_bounds__(THREADS) append_kv(AppendKvArgs p) {
    int row = blockIdx.x, width = p.kv_heads * p.head_dim, padded = layout::padded(p.head_dim);
    int position = p.positions[row], page = p.page_table[(u64)p.sequences[row] * p.max_pages + position / CHUNK], slot = position % CHUNK;
    for (int i = threadIdx.x; i < width; i += THREADS) {
        u64 index = (u64)row * width + i;
        int head = i / p.head_dim, d = i % p.head_dim;
        layout::element* block = p.cache + layout::block(page, p.kv_heads, head, padded);
        layout::element key = format::round(p.k[index]), value = format::round(p.v[index]);
        block[layout::key(slot, d)] = key;
        block[layout::value(slot, d, padded)] = value;
        check_finite(p.key_fault, format::widen(key), index);
        check_finite(p.value_fault, format::widen(value), index);
    }
}
