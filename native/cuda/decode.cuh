// What the linear kernels for few rows share: how a block's work is cut, and where it is in its stream.
// A block owns panels of 32 weight rows, blockIdx.x, + gridDim.x, …, and in each the SLOTS chunks of a round, round after round; a warp SPLIT of them.
#pragma once
#include "common.cuh"

#ifndef ROWS
#error "ROWS is not defined"
#endif
#ifndef SLOTS
#error "SLOTS is not defined"
#endif
#ifndef STAGES
#error "STAGES is not defined"
#endif

#define SPLIT (ROWS == 1 ? 1 : ROWS <= 4 ? 2 : 4)
#define WARPS (SLOTS / SPLIT)
#define THREADS (32 * WARPS)
#define TOTALS ((PANEL * ROWS + THREADS - 1) / THREADS) // outputs of a panel per thread

// A place in the block's stream of slices, COUNT of which make a chunk.
template <int COUNT> struct Cursor {
    unsigned panel, chunk; // the round's first chunk
    int slice;

    __device__ __forceinline__ void next(unsigned chunks) {
        if (++slice < COUNT) return;
        slice = 0;
        if ((chunk += SLOTS) < chunks) return;
        chunk = 0;
        panel += gridDim.x;
    }
};
