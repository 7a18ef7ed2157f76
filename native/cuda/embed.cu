// Embedding: y[r] = table[tokens[r]], widened exactly.
// Shapes: table [vocabulary × columns] of WEIGHT_TYPE, tokens int32 [rows], y f32 [rows × columns]. Nothing is added up; nothing is checked.
// Threads: block r copies row r, 16 bytes of the table per thread and turn where rows are multiples of 16 bytes, else one element.
// Roofline: bandwidth; rows · columns · (sizeof(WEIGHT_TYPE) + 4) bytes, no FLOPs. A decode step's is a few KB: launch latency.
#include "common.cuh"
#ifndef WEIGHT_TYPE
#error "embed.cu needs -DWEIGHT_TYPE=…"
#endif
#define THREADS 256

typedef stored<WEIGHT_TYPE>::element element;

struct EmbedArgs {
    const element* table;
    const int* tokens;
    float* y;
    int columns;
};

extern "C" __global__ void __launch_bounds__(THREADS) embed(EmbedArgs p) {
    const int per16 = 16 / sizeof(element);
    const element* from = p.table + (u64)p.tokens[blockIdx.x] * p.columns;
    float* to = p.y + (u64)blockIdx.x * p.columns;
    if (p.columns % per16 == 0) {
        for (int i = threadIdx.x; i < p.columns / per16; i += THREADS) {
            uint4 bits = ((const uint4*)from)[i];
            const element* v = (const element*)&bits;
            float4* out = (float4*)to + (u64)i * (per16 / 4);
            #pragma unroll
            for (int j = 0; j < per16; j += 4) {
                out[j / 4] = make_float4(
                    stored<WEIGHT_TYPE>::widen(v[j]), stored<WEIGHT_TYPE>::widen(v[j + 1]),
                    stored<WEIGHT_TYPE>::widen(v[j + 2]), stored<WEIGHT_TYPE>::widen(v[j + 3]));
            }
        }
    } else {
        for (int i = threadIdx.x; i < p.columns; i += THREADS) to[i] = stored<WEIGHT_TYPE>::widen(from[i]);
    }
}
