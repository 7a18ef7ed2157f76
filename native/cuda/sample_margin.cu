// SampleMargin: how far each claimed token is from being the choice.
//   margin = max(0, sub(score_best, score_c)), and if c is not kept add(margin, div(sub(l_last, l_c), T)), l_last the lowest kept logit
// Shapes as Sample; claimed int32 [rows], margins [rows]. After sample_scan and sample_keep; rows × parts blocks of 256, each a part; the last
// block of a row writes. A claimed id outside the vocabulary has margin NaN, which fails the step. Roofline: as sample_choose.
#include "selection.cuh"

struct MarginArgs {
    const float* logits;
    const SamplingRow* parameters;
    RowState* states;
    const int* claimed;
    float* margins;
    Fault fault; // of margins
    int vocabulary, parts;
};

extern "C" __global__ void __launch_bounds__(PART_THREADS) sample_margin(MarginArgs p) {
    __shared__ u64 warps[64];
    unsigned row = blockIdx.x / p.parts, part = blockIdx.x % p.parts;
    RowState* state = p.states + row;
    SamplingRow parameters = p.parameters[row];
    const float* logits = p.logits + (u64)row * p.vocabulary;
    if (!choose<true>(logits, parameters, state, part, p.parts, p.vocabulary, warps)) return;
    unsigned token = (unsigned)p.claimed[row], best = key_id(atomicMax(&state->best, 0ull));
    float margin = __uint_as_float(0x7FC00000u);
    if (token < (unsigned)p.vocabulary && best < (unsigned)p.vocabulary) {
        float behind = sub(score(logits[best], best, parameters), score(logits[token], token, parameters));
        margin = behind > 0.0f ? behind : 0.0f;
        if (order_key(logits[token], token) < state->threshold)
            margin = add(margin, div_rn(sub(key_value(atomicMin(&state->lowest, ~0ull)), logits[token]), parameters.temperature));
    }
    p.margins[row] = margin;
    check_finite(p.fault, margin, row);
}
