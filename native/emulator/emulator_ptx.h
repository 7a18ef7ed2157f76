// Twins of native/cuda/ptx.cuh: the same names, the same results, for the emulator.
#pragma once

#define DYNAMIC_SHARED(type, name) type* name = (type*)emulator_module.dynamic_shared

static inline float ptx_f16_to_f32(unsigned short h) {
    unsigned sign = (unsigned)(h & 0x8000) << 16, exponent = h >> 10 & 31, fraction = h & 0x3FFu;
    if (exponent == 31) return __uint_as_float(sign | 0x7F800000u | fraction << 13);
    if (exponent != 0) return __uint_as_float(sign | (exponent + 112) << 23 | fraction << 13);
    float magnitude = (float)fraction * 0x1p-24f; // zero or subnormal, exact
    return __uint_as_float(sign | __float_as_uint(magnitude));
}

// To nearest, ties to even; what rounds past 65504 becomes infinite; a NaN becomes 0x7FFF.
static inline unsigned short ptx_f32_to_f16(float f) {
    unsigned bits = __float_as_uint(f), sign = bits >> 16 & 0x8000u, magnitude = bits & 0x7FFFFFFFu;
    if (magnitude > 0x7F800000u) return 0x7FFF;
    if (magnitude >= 0x477FF000u) return (unsigned short)(sign | 0x7C00u);
    if (magnitude >= 0x38800000u) // normal: 13 bits go
        return (unsigned short)(sign | ((magnitude - 0x38000000u + 0xFFFu + (magnitude >> 13 & 1u)) >> 13));
    // subnormal: adding 1/2 puts the unit of 2^-24 at the last bit of a binary32, which rounds
    float shifted = __uint_as_float(magnitude) + 0.5f;
    return (unsigned short)(sign | (__float_as_uint(shifted) - 0x3F000000u));
}

// Copies happen when they are waited for, not before: a missing wait or barrier reads the ones the destination holds until then.
static inline void ptx_copy_async16(void* shared, const void* global, int bytes, int line = __builtin_LINE()) {
    emulator_module.copy_async(shared, global, bytes, line);
}
static inline void ptx_copy_commit() { emulator_module.copy_commit(); }
template <int PENDING> static inline void ptx_copy_wait() { emulator_module.copy_wait(PENDING); }

static inline uint4 ptx_load_streaming(const uint4* global) { return *global; }

struct EmulatorMma {
    float* d;
    const unsigned *a, *b;
};

static inline float emulator_bf16(unsigned pair, int half) { return __uint_as_float(half == 0 ? pair << 16 : pair & 0xFFFF0000u); }
static inline float emulator_f16(unsigned pair, int half) { return ptx_f16_to_f32((unsigned short)(half == 0 ? pair : pair >> 16)); }

// PTX ISA, "Matrix fragments for mma.m16n8k16 with .bf16": with group = lane / 4 and member = lane % 4, element i of
//   A (8 of 16-bit): row = group + 8·((i / 2) % 2), column = 2·member + i % 2 + 8·(i / 4)
//   B (4 of 16-bit): row = 2·member + i % 2 + 8·(i / 2), column = group
//   D (4 of f32):    row = group + 8·(i / 2), column = 2·member + i % 2
// The tensor core's own order of additions is not published; here it is ascending k.
template <float (*WIDEN)(unsigned pair, int half)> static void emulator_complete_mma(void* const slots[32], unsigned present) {
    if (present != 0xFFFFFFFFu) emulator_module.fail("kernel", 0, "mma.m16n8k16 needs all 32 lanes of the warp");
    float a[16][16], b[16][8], d[16][8];
    for (int lane = 0; lane < 32; lane++) {
        const EmulatorMma* m = (const EmulatorMma*)slots[lane];
        int group = lane / 4, member = lane % 4;
        for (int i = 0; i < 8; i++) a[group + 8 * (i / 2 % 2)][2 * member + i % 2 + 8 * (i / 4)] = WIDEN(m->a[i / 2], i % 2);
        for (int i = 0; i < 4; i++) b[2 * member + i % 2 + 8 * (i / 2)][group] = WIDEN(m->b[i / 2], i % 2);
        for (int i = 0; i < 4; i++) d[group + 8 * (i / 2)][2 * member + i % 2] = m->d[i];
    }
    for (int row = 0; row < 16; row++)
        for (int k = 0; k < 16; k++)
            for (int column = 0; column < 8; column++) d[row][column] = __builtin_fmaf(a[row][k], b[k][column], d[row][column]);
    for (int lane = 0; lane < 32; lane++)
        for (int i = 0; i < 4; i++) ((EmulatorMma*)slots[lane])->d[i] = d[lane / 4 + 8 * (i / 2)][2 * (lane % 4) + i % 2];
}

static inline void ptx_mma_bf16_16816(float d[4], const unsigned a[4], const unsigned b[2], int line = __builtin_LINE()) {
    EmulatorMma m = {d, a, b};
    emulator_module.meet("mma.m16n8k16", 0xFFFFFFFFu, &m, emulator_complete_mma<emulator_bf16>, line);
}

static inline void ptx_mma_f16_16816(float d[4], const unsigned a[4], const unsigned b[2], int line = __builtin_LINE()) {
    EmulatorMma m = {d, a, b};
    emulator_module.meet("mma.m16n8k16", 0xFFFFFFFFu, &m, emulator_complete_mma<emulator_f16>, line);
}

struct EmulatorByteMma {
    int* d;
    const unsigned *a, *b;
    const int* c;
};

// PTX ISA, "Matrix fragments for mma.m16n8k32" and "… m16n8k16" of .s8: with group = lane / 4 and member = lane % 4, byte i of
//   A: row = group + 8·((i / 4) % 2), column = 4·member + i % 4 + 16·(i / 8)
//   B: row = 4·member + i % 4 + 16·(i / 4), column = group
//   C and D as above. Sums wrap in 32 bits.
template <int K> static void emulator_complete_byte_mma(void* const slots[32], unsigned present) {
    if (present != 0xFFFFFFFFu) emulator_module.fail("kernel", 0, "mma of bytes needs all 32 lanes of the warp");
    signed char a[16][K], b[8][K];
    for (int lane = 0; lane < 32; lane++) {
        const EmulatorByteMma* m = (const EmulatorByteMma*)slots[lane];
        int group = lane / 4, member = lane % 4;
        for (int i = 0; i < K / 2; i++) a[group + 8 * (i / 4 % 2)][4 * member + i % 4 + 16 * (i / 8)] = (signed char)(m->a[i / 4] >> 8 * (i % 4));
        for (int i = 0; i < K / 4; i++) b[group][4 * member + i % 4 + 16 * (i / 4)] = (signed char)(m->b[i / 4] >> 8 * (i % 4));
    }
    for (int lane = 0; lane < 32; lane++) {
        const EmulatorByteMma* m = (const EmulatorByteMma*)slots[lane];
        int d[4];
        for (int i = 0; i < 4; i++) {
            const signed char *x = a[lane / 4 + 8 * (i / 2)], *y = b[2 * (lane % 4) + i % 2];
            int sum = 0;
            for (int k = 0; k < K; k++) sum += x[k] * y[k];
            d[i] = (int)((unsigned)m->c[i] + (unsigned)sum);
        }
        for (int i = 0; i < 4; i++) m->d[i] = d[i]; // which may be c
    }
}

static inline void ptx_mma_s8_16832(int d[4], const unsigned a[4], const unsigned b[2], const int c[4], int line = __builtin_LINE()) {
    EmulatorByteMma m = {d, a, b, c};
    emulator_module.meet("mma.m16n8k32", 0xFFFFFFFFu, &m, emulator_complete_byte_mma<32>, line);
}

static inline void ptx_mma_s8_16816(int d[4], const unsigned a[2], unsigned b, const int c[4], int line = __builtin_LINE()) {
    EmulatorByteMma m = {d, a, &b, c};
    emulator_module.meet("mma.m16n8k16", 0xFFFFFFFFu, &m, emulator_complete_byte_mma<16>, line);
}

// The difference of two binary16 is exact in binary32 but for ratios beyond 2^13, where rounding twice still gives the nearest: binary32 has 2·11 + 2 bits.
static inline unsigned ptx_subtract_f16x2(unsigned a, unsigned b) {
    unsigned low = ptx_f32_to_f16(emulator_f16(a, 0) - emulator_f16(b, 0)), high = ptx_f32_to_f16(emulator_f16(a, 1) - emulator_f16(b, 1));
    return low | high << 16;
}

struct EmulatorMatrix {
    unsigned* r;
    const void* row;
};

// PTX ISA, ldmatrix .x4: lanes 8·i … 8·i + 7 address the rows of matrix i; each lane gets two neighbours of a row, or, transposed, of a column, of each matrix.
template <bool TRANSPOSED> static void emulator_complete_matrix(void* const slots[32], unsigned present) {
    if (present != 0xFFFFFFFFu) emulator_module.fail("kernel", 0, "ldmatrix needs all 32 lanes of the warp");
    unsigned short rows[32][8];
    for (int lane = 0; lane < 32; lane++) {
        const void* row = ((const EmulatorMatrix*)slots[lane])->row;
        if ((unsigned long long)row % 16 != 0) emulator_module.fail("kernel", 0, "ldmatrix needs rows aligned to 16 bytes");
        __builtin_memcpy(rows[lane], row, 16);
    }
    for (int lane = 0; lane < 32; lane++)
        for (int i = 0; i < 4; i++) {
            int across = lane / 4, along = 2 * (lane % 4);
            unsigned low = TRANSPOSED ? rows[8 * i + along][across] : rows[8 * i + across][along];
            unsigned high = TRANSPOSED ? rows[8 * i + along + 1][across] : rows[8 * i + across][along + 1];
            ((EmulatorMatrix*)slots[lane])->r[i] = low | high << 16;
        }
}

static inline void ptx_load_matrix(unsigned r[4], const void* shared_row, int line = __builtin_LINE()) {
    EmulatorMatrix m = {r, shared_row};
    emulator_module.meet("ldmatrix", 0xFFFFFFFFu, &m, emulator_complete_matrix<false>, line);
}

static inline void ptx_load_matrix_transposed(unsigned r[4], const void* shared_row, int line = __builtin_LINE()) {
    EmulatorMatrix m = {r, shared_row};
    emulator_module.meet("ldmatrix.trans", 0xFFFFFFFFu, &m, emulator_complete_matrix<true>, line);
}

static inline unsigned ptx_pack_bf16(float low, float high) {
    unsigned halves[2];
    for (int i = 0; i < 2; i++) {
        unsigned bits = __float_as_uint(i == 0 ? low : high);
        halves[i] = (bits & 0x7FFFFFFFu) > 0x7F800000u ? 0x7FFFu : (bits + 0x7FFFu + (bits >> 16 & 1u)) >> 16;
    }
    return halves[0] | halves[1] << 16;
}

static inline unsigned ptx_pack_f16(float low, float high) { return ptx_f32_to_f16(low) | (unsigned)ptx_f32_to_f16(high) << 16; }

// Correctly rounded or nearly so, where the device is 2 ulp off.
static inline float ptx_exp2(float x) {
    float y = __builtin_exp2f(x);
    return y < 0x1p-126f ? 0.0f : y;
}
