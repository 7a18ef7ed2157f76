// The first k of each row by (logit descending, id ascending), with lp = sub(l, lse), lse = add(m, log(z)) by softmax accumulation over token ids; and one target's lp.
//
// Shapes:  logits [rows × vocabulary], ids and logprobs [rows × k], targets and target_logprobs [rows] or null, states [rows × chunks][2]: m_c, z_c; winners [rows × k].
// Order:   z_c is tree256 of exp(sub(l, m_c)) over 256 consecutive ids; chunks merge in ascending order.
// Mapping: logprob_chunks: a work-group per (chunk, row), the one read of all logits. logprob_digest: a work-group per row; it selects among chunks whose maximum
//          is at least the k-th largest maximum (about k of them: no winner lies elsewhere) and ranks the winners by counting.
// Roofline: bytes = 4·rows·vocabulary; an exp and a tree addition an element.
#include "common.clh"
#include "selection.clh"

__kernel __attribute__((reqd_work_group_size(GROUP, 1, 1)))
void logprob_chunks(const __global float* restrict logits, __global float* restrict states, int vocabulary) {
    __local float p[CHUNK];
    int id = get_local_id(0), chunk = get_group_id(0), row = get_group_id(1), chunks = get_num_groups(0);
    int count = min(CHUNK, vocabulary - chunk * CHUNK);
    const __global float* l = logits + (size_t)row * vocabulary + chunk * CHUNK;
    for (int j = id; j < CHUNK; j += GROUP) p[j] = j < count ? l[j] : -INFINITY;
    float maximum = max256(p);
    if (count == CHUNK) {
        for (int j = id * LANES; j < CHUNK; j += GROUP * LANES) {
            lanes weight = exact_exp_lanes(LOAD_LANES(l + j) - (lanes)maximum);
            STORE_LANES(weight, p + j);
        }
    } else {
        for (int j = id; j < CHUNK; j += GROUP) p[j] = j < count ? exact_exp(l[j] - maximum) : 0.0f;
    }
    float normalizer = tree256(p);
    if (id == 0) {
        states[((size_t)row * chunks + chunk) * 2] = maximum;
        states[((size_t)row * chunks + chunk) * 2 + 1] = normalizer;
    }
}

inline bool precedes(const __global float* l, int a, int b) {
    uint key_a = order_key(l[a]), key_b = order_key(l[b]);
    return key_a > key_b || (key_a == key_b && a < b);
}

__kernel __attribute__((reqd_work_group_size(GROUP, 1, 1)))
void logprob_digest(const __global float* restrict logits, const __global float* restrict states, __global int* restrict winners, __global int* restrict ids,
                    __global float* restrict logprobs, const __global int* restrict targets, __global float* restrict target_logprobs, __global uint* restrict faults,
                    uint operation, uint target_operation, int vocabulary, int k) {
    __local uint histogram[256], result[2], counts[GROUP];
    __local float shared_lse;
    int id = get_local_id(0), row = get_group_id(0), chunks = (vocabulary + CHUNK - 1) / CHUNK;
    const __global float* l = logits + (size_t)row * vocabulary;
    const __global float* state = states + (size_t)row * chunks * 2;
    if (id == 0) {
        Softmax s = {-INFINITY, 0.0f, 0.0f, 0.0f};
        for (int c = 0; c < chunks; c++) s = softmax_merge(s, state[c * 2], state[c * 2 + 1]);
        shared_lse = s.maximum + exact_log(s.normalizer);
    }
    sync();
    float lse = shared_lse;

    uint floor = select_first(state, chunks > k ? chunks : 0, 2, (uint)k, 0, 0, histogram, result).key;
    Cut cut = select_first(l, vocabulary, 1, (uint)k, state, floor, histogram, result);

    // Winners above the cut in any order, then the lowest ids at it.
    uint tie = ties_before(l, vocabulary, cut.key, counts);
    sync();
    if (id == 0) result[0] = 0;
    sync();
    __global int* winner = winners + (size_t)row * k;
    for (int i = segment_begin(vocabulary, id); i < segment_begin(vocabulary, id + 1); i++) {
        uint key = order_key(l[i]);
        if (key > cut.key) {
#if GROUP == 1
            winner[result[0]++] = i;
#else
            winner[atomic_inc(&result[0])] = i;
#endif
        } else if (key == cut.key && tie < cut.ties) {
            winner[k - cut.ties + tie++] = i;
        }
    }
    sync_all();
    for (int i = id; i < k; i += GROUP) {
        int token = winner[i], rank = 0;
        for (int j = 0; j < k; j++) rank += precedes(l, winner[j], token);
        uint at = (uint)row * k + rank;
        ids[at] = token;
        logprobs[at] = l[token] - lse;
        check_finite(faults, operation, logprobs[at], at);
    }
    if (id == 0 && targets) {
        // An id outside the vocabulary has no logit: it raises.
        int target = targets[row];
        target_logprobs[row] = target >= 0 && target < vocabulary ? l[target] - lse : NAN;
        check_finite(faults, target_operation, target_logprobs[row], (uint)row);
    }
}
