// Intrinsics with the results the CUDA programming guide gives them. Modules are compiled with -ffp-contract=off, so + and * stay apart.
#pragma once

extern "C" {
float fmaf(float, float, float) noexcept;
float fabsf(float) noexcept;
float sqrtf(float) noexcept;
float fminf(float, float) noexcept;
float fmaxf(float, float) noexcept;
float floorf(float) noexcept;
float ceilf(float) noexcept;
float truncf(float) noexcept;
float rintf(float) noexcept;
float expf(float) noexcept;
float exp2f(float) noexcept;
float logf(float) noexcept;
float log2f(float) noexcept;
float sinf(float) noexcept;
float cosf(float) noexcept;
float tanhf(float) noexcept;
float erff(float) noexcept;
float powf(float, float) noexcept;
double rint(double) noexcept;
}

static inline float rsqrtf(float x) { return 1.0f / __builtin_sqrtf(x); }
#define __expf expf // macros, because the C library has functions of these names
#define __logf logf
#define __log2f log2f
static inline float __fdividef(float a, float b) { return a / b; }
static inline float __frcp_rn(float a) { return 1.0f / a; }

static inline float __fadd_rn(float a, float b) { return a + b; }
static inline float __fsub_rn(float a, float b) { return a - b; }
static inline float __fmul_rn(float a, float b) { return a * b; }
static inline float __fmaf_rn(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
static inline float __fdiv_rn(float a, float b) { return a / b; }
static inline float __fsqrt_rn(float a) { return __builtin_sqrtf(a); }

// ---- bit casts ----

template <class To, class From> static inline To emulator_bits(From from) {
    static_assert(sizeof(To) == sizeof(From), "a bit cast keeps the size");
    To to;
    __builtin_memcpy(&to, &from, sizeof to);
    return to;
}
static inline unsigned __float_as_uint(float x) { return emulator_bits<unsigned>(x); }
static inline int __float_as_int(float x) { return emulator_bits<int>(x); }
static inline float __uint_as_float(unsigned x) { return emulator_bits<float>(x); }
static inline float __int_as_float(int x) { return emulator_bits<float>(x); }

// ---- conversions: saturating, and a NaN becomes 0, as cvt of the PTX ISA ----

static inline int __float2int_rz(float x) { return x != x ? 0 : x >= 2147483648.0f ? 0x7FFFFFFF : x <= -2147483648.0f ? -0x7FFFFFFF - 1 : (int)x; }
static inline unsigned __float2uint_rz(float x) { return !(x > 0.0f) ? 0u : x >= 4294967296.0f ? 0xFFFFFFFFu : (unsigned)x; }
static inline unsigned long long __float2ull_rz(float x) { return !(x > 0.0f) ? 0ull : x >= 18446744073709551616.0f ? ~0ull : (unsigned long long)x; }
static inline long long __float2ll_rz(float x) {
    return x != x ? 0 : x >= 9223372036854775808.0f ? 0x7FFFFFFFFFFFFFFFll : x <= -9223372036854775808.0f ? -0x7FFFFFFFFFFFFFFFll - 1 : (long long)x;
}
static inline int __float2int_rn(float x) { return __float2int_rz(rintf(x)); }
static inline unsigned __float2uint_rn(float x) { return __float2uint_rz(rintf(x)); }
static inline unsigned long long __float2ull_rn(float x) { return __float2ull_rz(rintf(x)); }
static inline long long __float2ll_rn(float x) { return __float2ll_rz(rintf(x)); }
static inline float __int2float_rn(int x) { return (float)x; }
static inline float __uint2float_rn(unsigned x) { return (float)x; }
static inline float __ll2float_rn(long long x) { return (float)x; }
static inline float __ull2float_rn(unsigned long long x) { return (float)x; }

// ---- integers ----

static inline unsigned __umulhi(unsigned a, unsigned b) { return (unsigned)((unsigned long long)a * b >> 32); }
static inline int __mulhi(int a, int b) { return (int)((long long)a * b >> 32); }
static inline unsigned long long __umul64hi(unsigned long long a, unsigned long long b) {
    return (unsigned long long)((unsigned __int128)a * b >> 64);
}
static inline int __popc(unsigned x) { return __builtin_popcount(x); }
static inline int __popcll(unsigned long long x) { return __builtin_popcountll(x); }
static inline int __clz(int x) { return x == 0 ? 32 : __builtin_clz((unsigned)x); }
static inline int __clzll(long long x) { return x == 0 ? 64 : __builtin_clzll((unsigned long long)x); }
static inline int __ffs(int x) { return __builtin_ffs(x); }
static inline int __ffsll(long long x) { return __builtin_ffsll(x); }
static inline unsigned __brev(unsigned x) {
    unsigned r = 0;
    for (int i = 0; i < 32; i++) r |= (x >> i & 1u) << (31 - i);
    return r;
}
static inline int __dp4a(int a, int b, int c) { // signed bytes
    for (int i = 0; i < 4; i++) c += (signed char)(a >> 8 * i) * (signed char)(b >> 8 * i);
    return c;
}
static inline unsigned __byte_perm(unsigned x, unsigned y, unsigned selector) { // without the sign-replicating modes
    unsigned long long bytes = (unsigned long long)y << 32 | x;
    unsigned r = 0;
    for (int i = 0; i < 4; i++) r |= (unsigned)(bytes >> 8 * (selector >> 4 * i & 7) & 0xFF) << 8 * i;
    return r;
}
static inline unsigned __funnelshift_l(unsigned low, unsigned high, unsigned shift) {
    return (unsigned)(((unsigned long long)high << 32 | low) << (shift & 31) >> 32);
}
static inline unsigned __funnelshift_r(unsigned low, unsigned high, unsigned shift) {
    return (unsigned)(((unsigned long long)high << 32 | low) >> (shift & 31));
}

#define EMULATOR_MIN_MAX(type) \
    static inline type min(type a, type b) { return b < a ? b : a; } \
    static inline type max(type a, type b) { return a < b ? b : a; }
EMULATOR_MIN_MAX(int)
EMULATOR_MIN_MAX(unsigned)
EMULATOR_MIN_MAX(long)
EMULATOR_MIN_MAX(unsigned long)
EMULATOR_MIN_MAX(long long)
EMULATOR_MIN_MAX(unsigned long long)
static inline float min(float a, float b) { return fminf(a, b); }
static inline float max(float a, float b) { return fmaxf(a, b); }
static inline unsigned min(int a, unsigned b) { return min((unsigned)a, b); }
static inline unsigned min(unsigned a, int b) { return min(a, (unsigned)b); }
static inline unsigned max(int a, unsigned b) { return max((unsigned)a, b); }
static inline unsigned max(unsigned a, int b) { return max(a, (unsigned)b); }

template <class T> static inline T __ldg(const T* address) { return *address; }
