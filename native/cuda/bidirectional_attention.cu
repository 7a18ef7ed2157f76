// Bidirectional attention is append_kv.cu and the attention kernels on a binary32 cache that the queue keeps: every query stands at its sample's last visible key.
// bidirectional_layout writes what those kernels read: position and sequence of every key and query, and a page table of pages in order.
// Shapes: key_counts int32 [samples] or null for all, held to [1, keys]; query_* [samples × queries], key_* [samples × keys], page tables [samples × pages].
// Threads: grid-stride. Roofline: a few KB; launch latency.
#include "common.cuh"
#define THREADS 256

struct BidirectionalLayoutArgs {
    const int* key_counts;
    int* query_positions;
    int* query_sequences;
    int* query_pages;
    int* key_positions;
    int* key_sequences;
    int* key_pages;
    int samples, queries, keys, pages;
};

extern "C" __global__ void __launch_bounds__(THREADS) bidirectional_layout(BidirectionalLayoutArgs p) {
    int thread = (int)blockIdx.x * THREADS + (int)threadIdx.x, stride = (int)gridDim.x * THREADS;
    for (int i = thread; i < p.samples * p.queries; i += stride) {
        int sample = i / p.queries;
        p.query_positions[i] = (p.key_counts ? min(max(p.key_counts[sample], 1), p.keys) : p.keys) - 1;
        p.query_sequences[i] = sample;
    }
    for (int i = thread; i < p.samples * p.keys; i += stride) {
        p.key_positions[i] = i % p.keys;
        p.key_sequences[i] = i / p.keys;
    }
    for (int i = thread; i < p.samples * p.pages; i += stride) p.query_pages[i] = p.key_pages[i] = i;
}
