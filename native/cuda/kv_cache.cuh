// Layout of the key/value cache, as CudaKvCache allocates it: [layer][page][kv head] blocks, each of one page (256 positions) of one head.
//   keys   [padded / GROUP][256 positions][GROUP]     lane = position reads 16 bytes, a warp 512 contiguous ones; eight positions of a group are an
//                                                     8×8 tile of a tensor core's operand, in 128 contiguous bytes
//   values [256 positions][padded]                    lane = element of the head, coalesced
// GROUP elements are 16 bytes (4 of F32, 8 of 16 bits); padded is head_dim rounded up to whole groups. Padding is zero from the cache's creation on, and never written.
#pragma once
#include "common.cuh"

template <int TYPE> struct kv_layout {
    typedef typename stored<TYPE>::element element;
    static const int GROUP = 16 / (int)sizeof(element);

    static __device__ __forceinline__ int padded(int head_dim) { return (head_dim + GROUP - 1) / GROUP * GROUP; }

    // Element of the layer at which a block begins: its keys. Its values begin CHUNK · padded elements later.
    static __device__ __forceinline__ u64 block(int page, int kv_heads, int kv_head, int padded) { return ((u64)page * kv_heads + kv_head) * (2 * CHUNK * padded); }

    // Within a block: key element d, or value element d, of a position (0 … 255) of the page.
    static __device__ __forceinline__ int key(int position, int d) { return (d / GROUP * CHUNK + position) * GROUP + d % GROUP; }
    static __device__ __forceinline__ int value(int position, int d, int padded) { return (CHUNK + position) * padded + d; }
};

// The elements of one 32-bit word of a stored type, widened exactly: two of 16 bits, the lower half first, or one of F32.
template <int TYPE> struct kv_word {
    static const int COUNT = 2;
    static __device__ __forceinline__ void widen(unsigned word, float out[2]) {
        out[0] = stored<TYPE>::widen((half_bits)word);
        out[1] = stored<TYPE>::widen((half_bits)(word >> 16));
    }
};
template <> struct kv_word<BF16> {
    static const int COUNT = 2;
    static __device__ __forceinline__ void widen(unsigned word, float out[2]) {
        out[0] = __uint_as_float(word << 16);
        out[1] = __uint_as_float(word & 0xFFFF0000u);
    }
};
template <> struct kv_word<F32> {
    static const int COUNT = 1;
    static __device__ __forceinline__ void widen(unsigned word, float out[1]) { out[0] = __uint_as_float(word); }
};
