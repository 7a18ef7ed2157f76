// PTX wrappers. Each has a twin of the same name in native/emulator, so a kernel never contains assembly itself.
#pragma once
#ifdef OGONG_EMULATOR
#include "emulator_ptx.h"
#else

// Dynamic shared memory, 16-byte aligned.
#define DYNAMIC_SHARED(type, name) extern __shared__ __align__(16) unsigned char ogong_dynamic_shared[]; type* name = (type*)ogong_dynamic_shared

__device__ __forceinline__ float ptx_f16_to_f32(unsigned short h) {
    float f;
    asm("cvt.f32.f16 %0, %1;" : "=f"(f) : "h"(h));
    return f;
}

__device__ __forceinline__ unsigned short ptx_f32_to_f16(float f) {
    unsigned short h;
    asm("cvt.rn.f16.f32 %0, %1;" : "=h"(h) : "f"(f));
    return h;
}

// 16 bytes from global to shared memory without passing through registers; both addresses 16-byte aligned.
// `bytes` (0 … 16) are copied and the rest of the 16 is zero, so that a tail needs no branch.
__device__ __forceinline__ void ptx_copy_async16(void* shared, const void* global, int bytes) {
    unsigned address = (unsigned)__cvta_generic_to_shared(shared);
    asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(address), "l"(global), "r"(bytes) : "memory");
}

__device__ __forceinline__ void ptx_copy_commit() { asm volatile("cp.async.commit_group;" ::: "memory"); }

// Waits until at most PENDING of this thread's committed groups are still in flight.
template <int PENDING> __device__ __forceinline__ void ptx_copy_wait() { asm volatile("cp.async.wait_group %0;" ::"n"(PENDING) : "memory"); }

// 16 bytes read once: not kept in the first-level cache.
__device__ __forceinline__ uint4 ptx_load_streaming(const uint4* global) {
    uint4 v;
    asm volatile("ld.global.nc.L1::no_allocate.v4.u32 {%0, %1, %2, %3}, [%4];" : "=r"(v.x), "=r"(v.y), "=r"(v.z), "=r"(v.w) : "l"(global));
    return v;
}

// D += A·B on a warp's tensor core: A 16×16 bf16 row-major (4 registers), B 16×8 bf16 column-major (2), D 16×8 f32 (4). PTX ISA, mma.m16n8k16 fragments.
__device__ __forceinline__ void ptx_mma_bf16_16816(float d[4], const unsigned a[4], const unsigned b[2]) {
    asm volatile(
        "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
        : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}

// As ptx_mma_bf16_16816, of binary16.
__device__ __forceinline__ void ptx_mma_f16_16816(float d[4], const unsigned a[4], const unsigned b[2]) {
    asm volatile(
        "mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
        : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}

// D = A·B + C of signed bytes, sums in 32 bits: A 16×32 row-major (4 registers), B 32×8 column-major (2), C and D 16×8 (4). PTX ISA, mma.m16n8k32 fragments.
__device__ __forceinline__ void ptx_mma_s8_16832(int d[4], const unsigned a[4], const unsigned b[2], const int c[4]) {
    asm volatile(
        "mma.sync.aligned.m16n8k32.row.col.s32.s8.s8.s32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%10, %11, %12, %13};"
        : "=r"(d[0]), "=r"(d[1]), "=r"(d[2]), "=r"(d[3])
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]), "r"(c[0]), "r"(c[1]), "r"(c[2]), "r"(c[3]));
}

// The same of 16 columns: A 16×16 (2 registers), B 16×8 (1). PTX ISA, mma.m16n8k16 fragments of bytes.
__device__ __forceinline__ void ptx_mma_s8_16816(int d[4], const unsigned a[2], unsigned b, const int c[4]) {
    asm volatile(
        "mma.sync.aligned.m16n8k16.row.col.s32.s8.s8.s32 {%0, %1, %2, %3}, {%4, %5}, {%6}, {%7, %8, %9, %10};"
        : "=r"(d[0]), "=r"(d[1]), "=r"(d[2]), "=r"(d[3])
        : "r"(a[0]), "r"(a[1]), "r"(b), "r"(c[0]), "r"(c[1]), "r"(c[2]), "r"(c[3]));
}

// a − b of two binary16 each, to nearest even.
__device__ __forceinline__ unsigned ptx_subtract_f16x2(unsigned a, unsigned b) {
    unsigned d;
    asm("sub.rn.f16x2 %0, %1, %2;" : "=r"(d) : "r"(a), "r"(b));
    return d;
}

// Four 8×8 matrices of 16 bits from shared memory: lane 8·i + r gives the address of row r of matrix i, 16 bytes; r[i] gets elements 2·(lane % 4) and the next of row lane / 4.
__device__ __forceinline__ void ptx_load_matrix(unsigned r[4], const void* shared_row) {
    unsigned address = (unsigned)__cvta_generic_to_shared(shared_row);
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];" : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3]) : "r"(address) : "memory");
}

// The same of the matrices transposed: r[i] gets rows 2·(lane % 4) and the next of column lane / 4.
__device__ __forceinline__ void ptx_load_matrix_transposed(unsigned r[4], const void* shared_row) {
    unsigned address = (unsigned)__cvta_generic_to_shared(shared_row);
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [%4];" : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3]) : "r"(address) : "memory");
}

// Two values rounded to nearest even, the first in the lower half.
__device__ __forceinline__ unsigned ptx_pack_bf16(float low, float high) {
    unsigned r;
    asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(r) : "f"(high), "f"(low));
    return r;
}

__device__ __forceinline__ unsigned ptx_pack_f16(float low, float high) {
    unsigned r;
    asm("cvt.rn.f16x2.f32 %0, %1, %2;" : "=r"(r) : "f"(high), "f"(low));
    return r;
}

// 2^x, to 2 ulp; what would be subnormal is zero. For the fast mode only.
__device__ __forceinline__ float ptx_exp2(float x) {
    float y;
    asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
    return y;
}

#endif
