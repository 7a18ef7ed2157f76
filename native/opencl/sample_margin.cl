// margins[r] = max(0, sub(best kept score, score of claimed[r])); if claimed[r] is not kept, plus div(sub(lowest kept logit, its logit), T).
//
// Shapes:  as sample.cl; claimed [rows], margins [rows]. Mapping and order as there.
#include "common.clh"
#include "sampling.clh"

__kernel __attribute__((reqd_work_group_size(GROUP, 1, 1)))
void sample_margin(const __global float* restrict logits, const __global SamplingRow* restrict parameters, const __global int* restrict claimed, __global float* restrict margins,
                   __global uint* restrict faults, uint scaled_operation, uint operation, int vocabulary) {
    __local SamplingScratch scratch;
    __local Best all[GROUP];
    int row = get_group_id(0), token = claimed[row];
    const __global float* l = logits + (size_t)row * vocabulary;
    SamplingRow p = parameters[row];
    check_scaled(l, vocabulary, row, p, faults, scaled_operation);
    float first_logit;
    Cut cut = kept_tokens(l, vocabulary, p, &first_logit, &scratch);
    uint tie = ties_before(l, vocabulary, cut.key, scratch.counts);
    Best best = best_of_group(best_of_segment(l, vocabulary, p, cut, tie), all);
    if (get_local_id(0) != 0) return;
    if (token < 0 || token >= vocabulary) {
        // An id outside the vocabulary has no score: it raises.
        margins[row] = NAN;
        check_finite(faults, operation, NAN, (uint)row);
        return;
    }
    float behind = best.score - score_of(l[token], p, token), margin = behind > 0.0f ? behind : 0.0f;
    if (!is_greedy(p)) {
        uint key = order_key(l[token]), rank = 0;
        if (key == cut.key)
            for (int i = 0; i < token; i++) rank += order_key(l[i]) == key;
        if (key < cut.key || (key == cut.key && rank >= cut.ties)) margin = margin + (key_logit(cut.key) - l[token]) / p.temperature;
    }
    margins[row] = margin;
    check_finite(faults, operation, margin, (uint)row);
}
