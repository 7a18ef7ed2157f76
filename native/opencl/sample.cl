// tokens[r] = the kept token with the highest add(t, g): t = div(l, T), g Gumbel noise; greedy: the first by (logit descending, id ascending).
//
// Shapes:  logits [rows × vocabulary], parameters [rows], tokens [rows].
// Order:   none matters: weights of top-p are integers, and ties go to the lowest id.
// Mapping: a work-group per row. The cut of top-k is found by four histograms of eight bits of an order-preserving key, that of top-p by the same descent over sums of weights.
// Roofline: 4·rows·vocabulary bytes a pass, at most 11 passes, all but the first from the cache.
#include "common.clh"
#include "sampling.clh"

__kernel __attribute__((reqd_work_group_size(GROUP, 1, 1)))
void sample(const __global float* restrict logits, const __global SamplingRow* restrict parameters, __global int* restrict tokens, __global uint* restrict faults, uint operation,
            int vocabulary) {
    __local SamplingScratch scratch;
    __local Best all[GROUP];
    int row = get_group_id(0);
    const __global float* l = logits + (size_t)row * vocabulary;
    SamplingRow p = parameters[row];
    check_scaled(l, vocabulary, row, p, faults, operation);
    float first_logit;
    Cut cut = kept_tokens(l, vocabulary, p, &first_logit, &scratch);
    uint tie = ties_before(l, vocabulary, cut.key, scratch.counts);
    Best best = best_of_group(best_of_segment(l, vocabulary, p, cut, tie), all);
    if (get_local_id(0) == 0) tokens[row] = best.token;
}
