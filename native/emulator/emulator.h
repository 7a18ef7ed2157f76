// What a kernel sees when g++ compiles it instead of NVRTC; included before every .cu file of the emulator.
// Together with the headers below it is the kernel language of native/README.md, and no more: what is missing here does not compile,
// so a kernel cannot come to depend on it unnoticed.
#pragma once
#include "emulator_module.h"

#define __CUDACC__ 1
#define __global__ __attribute__((visibility("default"))) EMULATOR_MARK((emulator_global))
#define __device__
#define __host__
#define __forceinline__ inline __attribute__((always_inline))
#define __noinline__ __attribute__((noinline))
#define __align__(n) __attribute__((aligned(n)))
#define __launch_bounds__(...) EMULATOR_MARK((emulator_bounds(__VA_ARGS__)))
#ifdef EMULATOR_STANDALONE
#define EMULATOR_MARK(attribute)
#else
#define EMULATOR_MARK(attribute) __attribute__(attribute) // unknown to g++, which ignores it; the emulated NVRTC finds entry points by it
#endif
#define __shared__ static // one block runs at a time, so the module's own storage is the block's

#define threadIdx (emulator_module.thread)
#define blockIdx (emulator_module.block)
#define blockDim (emulator_module.block_dim)
#define gridDim (emulator_module.grid_dim)
#define warpSize 32

typedef EmulatorIndex uint3;
typedef EmulatorIndex dim3;
typedef decltype(sizeof(0)) size_t;

#define EMULATOR_VECTOR2(name, element, alignment) \
    struct __align__(alignment) name##2 { element x, y; }; \
    static inline name##2 make_##name##2(element x, element y) { return name##2{x, y}; }
#define EMULATOR_VECTOR4(name, element, alignment) \
    struct __align__(alignment) name##4 { element x, y, z, w; }; \
    static inline name##4 make_##name##4(element x, element y, element z, element w) { return name##4{x, y, z, w}; }

EMULATOR_VECTOR2(char, signed char, 2)
EMULATOR_VECTOR4(char, signed char, 4)
EMULATOR_VECTOR2(uchar, unsigned char, 2)
EMULATOR_VECTOR4(uchar, unsigned char, 4)
EMULATOR_VECTOR2(short, short, 4)
EMULATOR_VECTOR4(short, short, 8)
EMULATOR_VECTOR2(ushort, unsigned short, 4)
EMULATOR_VECTOR4(ushort, unsigned short, 8)
EMULATOR_VECTOR2(int, int, 8)
EMULATOR_VECTOR4(int, int, 16)
EMULATOR_VECTOR2(uint, unsigned, 8)
EMULATOR_VECTOR4(uint, unsigned, 16)
EMULATOR_VECTOR2(float, float, 8)
EMULATOR_VECTOR4(float, float, 16)
EMULATOR_VECTOR2(longlong, long long, 16)
EMULATOR_VECTOR2(ulonglong, unsigned long long, 16)

struct float3 { float x, y, z; };
struct int3 { int x, y, z; };
static inline float3 make_float3(float x, float y, float z) { return float3{x, y, z}; }
static inline int3 make_int3(int x, int y, int z) { return int3{x, y, z}; }
static inline uint3 make_uint3(unsigned x, unsigned y, unsigned z) { return uint3{x, y, z}; }

#include "emulator_math.h"
#include "emulator_block.h"
