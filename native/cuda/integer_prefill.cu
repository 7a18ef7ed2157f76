// Linear on integer weights for many rows (prefill, audits): y[r, j] = dot(x[r], w[j]), then add(·, bias[j]); x as quantize_rows.cu leaves it, w [n×k] in panels
// (integer_weights.cuh), y [rows×n]. The dot product is docs/exact-arithmetic.md's "Integer weights": a chunk's integers are summed exactly, in any order, by
// tensor cores, then scaled and added to `total`, in a register, for ascending chunks:
//   I8-256        total = fma(mul(dw, dx), float(Σ q·w), total)
//   Q8_0, Q4_0    acc = fma(dw, float(Σ q·w), acc) per block of 32, ascending, from +0; total = fma(dx, acc, total)
//   Q4_K          total = fma(mul(d, dx), float(Σ s·Σ q·w), total), then total = fma(−mul(dmin, dx), float(Σ m·Σ q), total)
//   Q6_K          total = fma(mul(d, dx), float(Σ s·Σ q·w), total), s per group of 16, w without its offset of 32
// What is absent has q = 0, w = 0 and scales of +0. A chain that starts at +0 cannot end in −0 but by underflow, and dw·Σ does not underflow (a binary16 times an
// integer), so a block more at the end of a chunk changes no bit; no chunk is added.
// Bounds: |Σ q·w| of I8-256 is at most 127·128·256 < 2^22, of a block of 32 less, so float() is a subtraction (integer_operands.cuh). Q4_K: Σ s·Σ q·w is at most
// 63·127·15·256 < 2^25, Σ m·Σ q at most 63·127·256 < 2^21; Q6_K: 128·127·32·256 < 2^28; those are summed in 32-bit integers and converted to nearest even.
//
// Threads: a block of 8 warps has a tile TILE_ROWS × TILE_COLUMNS of y, a warp half its rows and a quarter of its columns: 64×32 of 128×128, 32×32 of 64×128,
// 16×16 of 32×64; the smaller ones are for fewer rows. Per 32 columns a warp reads 16×32 pieces of x and 32×8 pieces of w by ldmatrix and multiplies them by mma.m16n8k32 (Q6_K: m16n8k16 twice).
// Memory: STAGES stages of 128 columns, copied asynchronously as they are stored; integer_stage.cuh. Halves of bytes are unpacked from shared memory to registers.
//
// Roofline, 128×128, H100, per 32 columns: 128 mma, 32 on each of four tensor cores, 4 cycles each at the dense peak = 128 cycles, or about 205 at the 62 % of it
// that mma.sync is found to reach on Hopper (Luo et al., arXiv:2402.13499). Shared memory: each warp reads 2 KiB of x and 1 KiB of w, 192 wavefronts, and the
// copies write 64: 256 cycles (Q4: 160 + 48, Q6_K: 192 + 56). Issue slots of a scheduler's two warps, counted in the code that NVRTC 12.4 makes for sm_90a: I8-256
// 190, Q8_0 430 (256 of them a conversion and an fma per output and block), Q4_0 490, Q4_K 460 and Q6_K 680 (integer multiply-adds, which take two cycles each,
// 310 and 610 cycles). So at most 50, 30, 26, 28 and 19 % of the dense peak, the first bound by shared memory, the others by issue slots. wgmma, which
// reads operands from shared memory once per 128 threads and not once per 32, would lift I8-256 alone, so it is not written before there is a device to run it
// on. With 90 % of these reached and cuBLASLt at 70 % of the peak, predicted and not measured: I8-256 0.55–0.65 of cuBLASLt, Q8_0 0.35–0.4, Q4_0 0.3–0.35,
// Q4_K 0.3–0.35, Q6_K 0.25. On an A100, whose tensor cores take 8 cycles per mma: I8-256 80 % of its peak, Q8_0 55 %.
// With OPERANDS = HALVES a step is twice the products of half the columns, and widening adds 5 instructions to each of 16 words of x and 8 of w per lane.
#include "integer_operands.cuh"

#ifndef TILE_ROWS
#error "TILE_ROWS is not defined"
#endif
#ifndef TILE_COLUMNS
#error "TILE_COLUMNS is not defined"
#endif
#ifndef STAGES
#error "STAGES is not defined"
#endif

#include "integer_stage.cuh"

#define WARP_ROWS (TILE_ROWS / 2)
#define WARP_COLUMNS (TILE_COLUMNS / 4)
#define DOWN (WARP_ROWS / 16)     // products of a warp: 16 rows …
#define ACROSS (WARP_COLUMNS / 8) // … × 8 outputs
#define LOAD_SCALES (OPERANDS == HALVES && WEIGHT_TYPE == Q6_K) // in which of a chunk's stages: the first, but where no registers are left for them
#define UNROLL (OPERANDS == BYTES && !K_QUANT) // steps of a stage, as far as there are registers

// What a chunk adds up, per output of the thread: products (I8-256), scaled products in binary32 (Q8_0, Q4_0) or in integers (K-quants).
#if WEIGHT_TYPE == I8_256
typedef sum_type part_type;
#define EMPTY_PART FLOAT_ORIGIN
#elif K_QUANT
typedef int part_type;
#define EMPTY_PART 0
#define ORIGIN INTEGER_ORIGIN
#else
typedef float part_type;
#define EMPTY_PART 0.0f
#define ORIGIN FLOAT_ORIGIN
#endif

// A warp's place in the tile, and the thread's in the fragments.
struct Place {
    unsigned row, column, group, member, lane;
};

// 16 rows × 32 columns of x.
__device__ __forceinline__ Left load_left(const Stage& stage, const Place& at, unsigned down, unsigned step) {
    unsigned w[4];
    ptx_load_matrix(w, &stage.x[unit_of<8>(at.row + at.lane % 16, 2 * step + at.lane / 16)] + 16 * 8 * down); // eight rows on, units are in the same places
    return left_of(w);
}

// Step `half` of a read: neighbours, but the two halves of a byte of Q6_K are 64 columns apart.
__device__ __forceinline__ unsigned step_of(unsigned turn, unsigned half) { return WEIGHT_TYPE == Q6_K ? turn + 2 * half : READ_STEPS * turn + half; }

// The weights of a read, as matrices of eight outputs × 16 bytes: two of each eight outputs, and two of upper bits.
__device__ __forceinline__ void load_packed(unsigned packed[ACROSS * PACKED], const Stage& stage, const Place& at, unsigned turn) {
    const unsigned row = at.column + at.lane % 8, matrix = at.lane / 8;
    #pragma unroll
    for (unsigned j = 0; j < ACROSS; j += 4 / PACKED) { // eight rows on, units are in the same places
        const uint4* from = &stage.low[unit_of<LOW_UNITS>(row + (PACKED == 2 ? matrix / 2 * 8 : 0), 2 * turn + matrix % 2)] + 8 * LOW_UNITS * j;
#if WEIGHT_TYPE == Q6_K
        if (matrix >= 2) from = &stage.upper[unit_of<UPPER_UNITS>(row, matrix % 2)] + 8 * UPPER_UNITS * j;
#endif
        ptx_load_matrix(packed + PACKED * j, from);
    }
}

// 32 columns × 8 outputs of signed bytes.
__device__ __forceinline__ Right unpack(const unsigned packed[PACKED], unsigned turn, unsigned half) {
    const unsigned c = 32 * step_of(turn, half);
#if WEIGHT_TYPE == Q4_0
    return right_of(unpack_word(half == 0 ? packed[0] : packed[1], 0, c), unpack_word(half == 0 ? packed[0] : packed[1], 0, c + 16));
#elif K_QUANT
    return right_of(unpack_word(packed[0], packed[PACKED - 2], c), unpack_word(packed[1], packed[PACKED - 1], c + 16));
#else
    return right_of(packed[0], packed[1]);
#endif
}

// The scales of two neighbouring outputs for one step.
struct StepScales {
#if WEIGHT_TYPE != I8_256
    scale_pair group[GROUPS / 8];
#endif
};

__device__ __forceinline__ StepScales scales_of(const Scales& scales, unsigned column, unsigned step) {
    StepScales s;
#if WEIGHT_TYPE != I8_256
    #pragma unroll
    for (int g = 0; g < GROUPS / 8; g++) s.group[g] = *(const scale_pair*)&scales.group[GROUPS / 8 * step + g][column];
#endif
    return s;
}

// Adds the sums of a block or group, of two rows and two neighbouring outputs, to the chunk's parts.
#if WEIGHT_TYPE != I8_256
__device__ __forceinline__ void add_scaled(part_type part[4], const sum_type sum[4], scale_pair scale) {
    #pragma unroll
    for (int e = 0; e < 4; e++) {
        if constexpr (K_QUANT) part[e] += (e % 2 == 0 ? scale.x : scale.y) * integer_of(sum[e]);
        else part[e] = fma_rn(e % 2 == 0 ? scale.x : scale.y, float_of(sum[e]), part[e]);
    }
}
#endif

// Adds 32 columns.
__device__ __forceinline__ void accumulate(part_type part[4], const Left& a, const Right& b, const StepScales& scales) {
#if WEIGHT_TYPE == I8_256
    multiply(part, a, b, part);
#else
    const sum_type origin[4] = {ORIGIN, ORIGIN, ORIGIN, ORIGIN};
    sum_type sum[4];
#if WEIGHT_TYPE == Q6_K
    multiply_half<0>(sum, a, b, origin);
    add_scaled(part, sum, scales.group[0]);
    multiply_half<1>(sum, a, b, origin);
    add_scaled(part, sum, scales.group[1]);
#else
    multiply(sum, a, b, origin);
    add_scaled(part, sum, scales.group[0]);
#endif
#endif
}

// A stage's 128 columns. `first` is the chunk's step at its start, 0 or 4.
__device__ __forceinline__ void multiply_stage(part_type part[DOWN][ACROSS][4], const Stage& stage, const Scales& scales, const Place& at, unsigned first) {
    #pragma unroll (UNROLL ? 4 : 1)
    for (unsigned turn = 0; turn < 4 / READ_STEPS; turn++) {
        unsigned packed[ACROSS * PACKED];
        load_packed(packed, stage, at, turn);
        #pragma unroll (UNROLL ? 2 : 1)
        for (unsigned half = 0; half < READ_STEPS; half++) {
            const unsigned step = step_of(turn, half);
            Right b[ACROSS];
            StepScales s[ACROSS];
            #pragma unroll
            for (unsigned j = 0; j < ACROSS; j++) {
                b[j] = unpack(packed + PACKED * j, turn, half);
                s[j] = scales_of(scales, at.column + 8 * j + 2 * at.member, first + step);
            }
            #pragma unroll
            for (unsigned i = 0; i < DOWN; i++) {
                const Left a = load_left(stage, at, i, step);
                #pragma unroll
                for (unsigned j = 0; j < ACROSS; j++) accumulate(part[i][j], a, b[j], s[j]);
            }
        }
    }
}

#if WEIGHT_TYPE == Q4_K
// M = Σ m·Σ q of the eight groups: columns 0 … 7 of `sums` are the low parts of Σ q, 8 … 15 the high ones, 64-fold.
__device__ __forceinline__ void multiply_minima(int m[4], const Left& sums, const Scales& scales, unsigned column, unsigned member) {
    const unsigned word = scales.minima[member % 2][column];
    const sum_type origin[4] = {INTEGER_ORIGIN, INTEGER_ORIGIN, INTEGER_ORIGIN, INTEGER_ORIGIN};
    sum_type low[4], high[4];
    multiply_half<0>(low, sums, right_of(member < 2 ? word : 0, 0), origin);
    multiply_half<0>(high, sums, right_of(member < 2 ? 0 : word, 0), origin);
    #pragma unroll
    for (int e = 0; e < 4; e++) m[e] = 64 * integer_of(high[e]) + integer_of(low[e]);
}
#endif

// total = the profile's sum after one more chunk; the parts start anew.
__device__ __forceinline__ void add_chunk(float total[DOWN][ACROSS][4], part_type part[DOWN][ACROSS][4], const Scales& scales, const Place& at) {
    #pragma unroll
    for (unsigned i = 0; i < DOWN; i++) {
        const unsigned row = at.row + 16 * i + at.group;
        const float dx[2] = {scales.dx[row], scales.dx[row + 8]};
#if WEIGHT_TYPE == Q4_K
        const unsigned words[4] = {((const unsigned*)&scales.sums[row])[at.member], ((const unsigned*)&scales.sums[row + 8])[at.member], 0, 0};
        const Left sums = left_of(words);
#endif
        #pragma unroll
        for (unsigned j = 0; j < ACROSS; j++) {
            [[maybe_unused]] const unsigned column = at.column + 8 * j + 2 * at.member;
#if WEIGHT_TYPE == Q4_K
            int minima[4];
            multiply_minima(minima, sums, scales, at.column + 8 * j + at.group, at.member);
#endif
            #pragma unroll
            for (int e = 0; e < 4; e++) {
                float& t = total[i][j][e];
#if WEIGHT_TYPE == I8_256
                t = fma_rn(mul(scales.d[column + e % 2], dx[e / 2]), float_of(part[i][j][e]), t);
#elif K_QUANT
                t = fma_rn(mul(scales.d[column + e % 2], dx[e / 2]), __int2float_rn(part[i][j][e]), t);
#else
                t = fma_rn(dx[e / 2], part[i][j][e], t);
#endif
#if WEIGHT_TYPE == Q4_K
                t = fma_rn(mul(scales.minus_dmin[column + e % 2], dx[e / 2]), __int2float_rn(minima[e]), t);
#endif
                part[i][j][e] = EMPTY_PART;
            }
        }
    }
}

__device__ __forceinline__ void write_output(const IntegerPrefillArgs& p, unsigned row, unsigned j, float dot) {
    if (row >= p.rows || j >= p.n) return;
    u64 index = (u64)row * p.n + j;
    float y = p.bias ? add(dot, p.bias[j]) : dot;
    p.y[index] = y;
    check_finite(p.fault, y, index);
}

extern "C" __global__ void __launch_bounds__(THREADS, TILE_ROWS == 32 ? 2 : 1) integer_prefill(IntegerPrefillArgs p) {
    DYNAMIC_SHARED(Shared, shared);
    const unsigned warp = threadIdx.x / 32, lane = threadIdx.x % 32;
    const Place at = {warp % 2 * WARP_ROWS, warp / 2 * WARP_COLUMNS, lane / 4, lane % 4, lane};
    const unsigned row0 = blockIdx.y * TILE_ROWS, column0 = blockIdx.x * TILE_COLUMNS, stages = (p.k + STAGE_COLUMNS - 1) / STAGE_COLUMNS;

    part_type part[DOWN][ACROSS][4];
    float total[DOWN][ACROSS][4];
    #pragma unroll
    for (int i = 0; i < DOWN * ACROSS * 4; i++) {
        part[i / (ACROSS * 4)][i / 4 % ACROSS][i % 4] = EMPTY_PART;
        total[i / (ACROSS * 4)][i / 4 % ACROSS][i % 4] = 0.0f;
    }
    #pragma unroll 1
    for (unsigned s = 0; s < STAGES - 1; s++) {
        if (s < stages) copy_stage(shared->stages[s], p, row0, column0, s);
        ptx_copy_commit();
    }
    LoadedScales next;
    load_scales(next, p, row0, column0, 0);
    store_scales(shared->scales[0], next);
    #pragma unroll 1
    for (unsigned s = 0, use = 0; s < stages; s++) {
        ptx_copy_wait<STAGES - 2>(); // this stage is there
        __syncthreads();             // for every warp; and all are done with the one before, into whose place the next goes
        if (s + STAGES - 1 < stages) copy_stage(shared->stages[use == 0 ? STAGES - 1 : use - 1], p, row0, column0, s + STAGES - 1);
        ptx_copy_commit();
        const unsigned chunk = s / 2;
        const bool more = 2 * chunk + 2 < stages;
        if (more && s % 2 == LOAD_SCALES) load_scales(next, p, row0, column0, chunk + 1);
        if (more && s % 2 == 1) store_scales(shared->scales[(chunk + 1) % 2], next); // read last before the barrier of this chunk's first stage
        const Scales& scales = shared->scales[chunk % 2];
        multiply_stage(part, shared->stages[use], scales, at, s % 2 * 4);
        if (s % 2 == 1 || s + 1 == stages) add_chunk(total, part, scales, at);
        use = use + 1 == STAGES ? 0 : use + 1;
    }
    #pragma unroll
    for (unsigned i = 0; i < DOWN; i++)
        #pragma unroll
        for (unsigned j = 0; j < ACROSS; j++)
            #pragma unroll
            for (int e = 0; e < 4; e++)
                write_output(p, row0 + at.row + 16 * i + at.group + e / 2 * 8, column0 + at.column + 8 * j + 2 * at.member + e % 2, total[i][j][e]);
}
