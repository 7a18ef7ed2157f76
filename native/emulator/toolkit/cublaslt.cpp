// cuBLASLt's interface, with loops behind it: one algorithm, sums in f32, 8 partial sums each; of bytes, in 32-bit integers.
#include "../driver/state.h"
#include "../emulator_runtime.h"
#include <cstring>

using namespace emulator;

enum cublasStatus_t {
    CUBLAS_STATUS_SUCCESS = 0,
    CUBLAS_STATUS_NOT_INITIALIZED = 1,
    CUBLAS_STATUS_INVALID_VALUE = 7,
    CUBLAS_STATUS_EXECUTION_FAILED = 13,
    CUBLAS_STATUS_NOT_SUPPORTED = 15,
};

enum cudaDataType { CUDA_R_32F = 0, CUDA_R_16F = 2, CUDA_R_8I = 3, CUDA_R_32I = 10, CUDA_R_16BF = 14 };
enum cublasComputeType { CUBLAS_COMPUTE_32F = 68, CUBLAS_COMPUTE_32I = 72, CUBLAS_COMPUTE_32F_FAST_TF32 = 77 };

struct MatmulDescription {
    int scale; // type of alpha, beta and the sums
    int transpose_a = 0, transpose_b = 0;
};

struct MatrixLayout {
    int type;
    uint64_t rows, columns;
    int64_t leading;
};

struct HeuristicResult {
    uint64_t algorithm[8];
    size_t workspace;
    int state;
    float waves;
    int reserved[4];
};

template <class Body> static cublasStatus_t call_lt(const char* name, Body body) {
    if (int code = injected_failure(name, current == nullptr ? -1 : current->ordinal)) return (cublasStatus_t)code;
    return body();
}

EXPORT size_t cublasLtGetVersion() { return 120400; }
EXPORT cublasStatus_t cublasLtCreate(void** handle) {
    return call_lt("cublasLtCreate", [&] { return *handle = new char, current == nullptr ? CUBLAS_STATUS_NOT_INITIALIZED : CUBLAS_STATUS_SUCCESS; });
}
EXPORT cublasStatus_t cublasLtDestroy(void* handle) { return delete (char*)handle, CUBLAS_STATUS_SUCCESS; }

EXPORT cublasStatus_t cublasLtMatmulDescCreate(MatmulDescription** d, int compute, int scale) {
    return call_lt("cublasLtMatmulDescCreate", [&] {
        bool floats = (compute == CUBLAS_COMPUTE_32F || compute == CUBLAS_COMPUTE_32F_FAST_TF32) && scale == CUDA_R_32F;
        if (!floats && !(compute == CUBLAS_COMPUTE_32I && scale == CUDA_R_32I)) return CUBLAS_STATUS_NOT_SUPPORTED;
        return *d = new MatmulDescription{scale}, CUBLAS_STATUS_SUCCESS;
    });
}
EXPORT cublasStatus_t cublasLtMatmulDescDestroy(MatmulDescription* d) { return delete d, CUBLAS_STATUS_SUCCESS; }
EXPORT cublasStatus_t cublasLtMatmulDescSetAttribute(MatmulDescription* d, int attribute, const void* value, size_t bytes) {
    return call_lt("cublasLtMatmulDescSetAttribute", [&] {
        constexpr int transpose_a = 3, transpose_b = 4;
        if (bytes != sizeof(int)) return CUBLAS_STATUS_INVALID_VALUE;
        if (attribute != transpose_a && attribute != transpose_b) return CUBLAS_STATUS_NOT_SUPPORTED;
        memcpy(attribute == transpose_a ? &d->transpose_a : &d->transpose_b, value, bytes);
        return CUBLAS_STATUS_SUCCESS;
    });
}

EXPORT cublasStatus_t cublasLtMatrixLayoutCreate(MatrixLayout** m, int type, uint64_t rows, uint64_t columns, int64_t leading) {
    return call_lt("cublasLtMatrixLayoutCreate", [&] {
        if (leading < (int64_t)rows) return CUBLAS_STATUS_INVALID_VALUE;
        return *m = new MatrixLayout{type, rows, columns, leading}, CUBLAS_STATUS_SUCCESS;
    });
}
EXPORT cublasStatus_t cublasLtMatrixLayoutDestroy(MatrixLayout* m) { return delete m, CUBLAS_STATUS_SUCCESS; }

EXPORT cublasStatus_t cublasLtMatmulPreferenceCreate(size_t** p) {
    return call_lt("cublasLtMatmulPreferenceCreate", [&] { return *p = new size_t(0), CUBLAS_STATUS_SUCCESS; });
}
EXPORT cublasStatus_t cublasLtMatmulPreferenceDestroy(size_t* p) { return delete p, CUBLAS_STATUS_SUCCESS; }
EXPORT cublasStatus_t cublasLtMatmulPreferenceSetAttribute(size_t*, int attribute, const void*, size_t bytes) {
    return call_lt("cublasLtMatmulPreferenceSetAttribute", [&] {
        constexpr int workspace = 1, alignment_first = 5, alignment_last = 8;
        if (attribute == workspace) return bytes == sizeof(size_t) ? CUBLAS_STATUS_SUCCESS : CUBLAS_STATUS_INVALID_VALUE;
        if (attribute < alignment_first || attribute > alignment_last) return CUBLAS_STATUS_NOT_SUPPORTED;
        return bytes == sizeof(unsigned) ? CUBLAS_STATUS_SUCCESS : CUBLAS_STATUS_INVALID_VALUE;
    });
}

static uint64_t element_bytes(int type) { return type == CUDA_R_32F || type == CUDA_R_32I ? 4 : type == CUDA_R_8I ? 1 : 2; }

// D (m×n) = op(A) (m×k) · op(B) (k×n), everything column-major.
struct Product {
    uint64_t m, n, k;
    bool fits;
};

static Product product(const MatmulDescription& d, const MatrixLayout& a, const MatrixLayout& b, const MatrixLayout& c, const MatrixLayout& out) {
    Product p = {d.transpose_a ? a.columns : a.rows, d.transpose_b ? b.rows : b.columns, d.transpose_a ? a.rows : a.columns, false};
    bool floats = a.type == CUDA_R_32F || a.type == CUDA_R_16F || a.type == CUDA_R_16BF;
    // Of bytes the library asks for a transposed A, whole words of them, and outputs in fours.
    bool bytes = a.type == CUDA_R_8I && d.transpose_a && !d.transpose_b && p.k % 4 == 0 && p.m % 4 == 0;
    bool type = a.type == b.type && (d.scale == CUDA_R_32F ? floats : bytes) && c.type == d.scale && out.type == d.scale;
    p.fits = type && (d.transpose_b ? b.columns : b.rows) == p.k && out.rows == p.m && out.columns == p.n;
    return p;
}

EXPORT cublasStatus_t cublasLtMatmulAlgoGetHeuristic(void*, const MatmulDescription* d, const MatrixLayout* a, const MatrixLayout* b, const MatrixLayout* c,
    const MatrixLayout* out, const size_t*, int asked, HeuristicResult* results, int* found) {
    return call_lt("cublasLtMatmulAlgoGetHeuristic", [&] {
        *found = 0;
        if (asked < 1) return CUBLAS_STATUS_INVALID_VALUE;
        if (!product(*d, *a, *b, *c, *out).fits) return CUBLAS_STATUS_NOT_SUPPORTED;
        memset(results, 0, sizeof *results);
        return *found = 1, CUBLAS_STATUS_SUCCESS;
    });
}

static float f16(uint16_t h) {
    unsigned sign = (unsigned)(h & 0x8000) << 16, exponent = h >> 10 & 31, fraction = h & 0x3FFu, bits;
    float subnormal = (float)fraction * 0x1p-24f, f;
    memcpy(&bits, &subnormal, 4);
    bits = exponent == 0 ? bits : exponent == 31 ? 0x7F800000u | fraction << 13 : (exponent + 112) << 23 | fraction << 13;
    bits |= sign;
    memcpy(&f, &bits, 4);
    return f;
}

// One column of op(M)ᵀ or op(M) as f32: k elements, `stride` apart.
static void widen(const char* from, int type, int64_t stride, uint64_t k, float* to) {
    for (uint64_t i = 0; i < k; i++) {
        const char* at = from + (uint64_t)((int64_t)i * stride) * element_bytes(type);
        uint16_t half;
        memcpy(&half, at, 2);
        unsigned wide = (unsigned)half << 16;
        if (type == CUDA_R_16F) to[i] = f16(half);
        else memcpy(&to[i], type == CUDA_R_16BF ? (const char*)&wide : at, 4);
    }
}

static float dot(const float* x, const float* y, uint64_t k) {
    float part[8] = {};
    uint64_t i = 0;
    for (; i + 8 <= k; i += 8)
        for (int j = 0; j < 8; j++) part[j] += x[i + j] * y[i + j];
    for (; i < k; i++) part[0] += x[i] * y[i];
    return ((part[0] + part[4]) + (part[2] + part[6])) + ((part[1] + part[5]) + (part[3] + part[7]));
}

// D = Aᵀ·B of bytes.
static void multiply_bytes(const Product& p, const signed char* a, int64_t leading_a, const signed char* b, int64_t leading_b, int* d, int64_t leading_d) {
    for (uint64_t j = 0; j < p.n; j++)
        for (uint64_t i = 0; i < p.m; i++) {
            const signed char *x = a + (int64_t)i * leading_a, *y = b + (int64_t)j * leading_b;
            unsigned sum = 0; // wraps
            for (uint64_t k = 0; k < p.k; k++) sum += (unsigned)(x[k] * y[k]);
            d[(int64_t)j * leading_d + (int64_t)i] = (int)sum;
        }
}

static bool inside(Device& d, CUdeviceptr address, const MatrixLayout& m) {
    Allocation* a = d.memory->find((void*)address);
    uint64_t bytes = ((m.columns - 1) * (uint64_t)m.leading + m.rows) * element_bytes(m.type);
    return a != nullptr && a->mapped && bytes <= a->bytes - (uint64_t)((char*)address - a->base);
}

EXPORT cublasStatus_t cublasLtMatmul(void*, const MatmulDescription* description, const float* alpha, CUdeviceptr a, const MatrixLayout* a_layout, CUdeviceptr b,
    const MatrixLayout* b_layout, const float* beta, CUdeviceptr c, const MatrixLayout* c_layout, CUdeviceptr d, const MatrixLayout* d_layout, const void*,
    CUdeviceptr, size_t, void* stream) {
    return call_lt("cublasLtMatmul", [&] {
        auto t = *description;
        auto la = *a_layout, lb = *b_layout, lc = *c_layout, ld = *d_layout;
        Product p = product(t, la, lb, lc, ld);
        if (!p.fits) return CUBLAS_STATUS_NOT_SUPPORTED;
        float scale = *alpha, keep = *beta;
        int one, zero;
        memcpy(&one, alpha, 4), memcpy(&zero, beta, 4);
        if (t.scale == CUDA_R_32I && (one != 1 || zero != 0)) return CUBLAS_STATUS_NOT_SUPPORTED; // as far as anybody needs it
        CUresult result = call("cublasLtMatmul launch", [&](Device&) {
            auto on = stream_of(stream);
            if (on == nullptr) return CUDA_ERROR_INVALID_HANDLE;
            give(on, [=](Device& dev) {
                if (!inside(dev, a, la) || !inside(dev, b, lb) || !inside(dev, d, ld) || (keep != 0 && !inside(dev, c, lc))) {
                    report_failure(dev, CUDA_ERROR_ILLEGAL_ADDRESS, "cublasLtMatmul: a matrix does not lie within an allocation");
                    return CUDA_ERROR_ILLEGAL_ADDRESS;
                }
                if (t.scale == CUDA_R_32I) {
                    multiply_bytes(p, (const signed char*)a, la.leading, (const signed char*)b, lb.leading, (int*)d, ld.leading);
                    return CUDA_SUCCESS;
                }
                std::vector<float> wide_a(p.m * p.k), column(p.k);
                for (uint64_t i = 0; i < p.m; i++)
                    widen((const char*)a + i * (t.transpose_a ? (uint64_t)la.leading : 1) * element_bytes(la.type), la.type, t.transpose_a ? 1 : la.leading, p.k, &wide_a[i * p.k]);
                for (uint64_t j = 0; j < p.n; j++) {
                    widen((const char*)b + j * (t.transpose_b ? 1 : (uint64_t)lb.leading) * element_bytes(lb.type), lb.type, t.transpose_b ? lb.leading : 1, p.k, column.data());
                    for (uint64_t i = 0; i < p.m; i++) {
                        float* out = (float*)d + j * (uint64_t)ld.leading + i;
                        *out = scale * dot(&wide_a[i * p.k], column.data(), p.k) + (keep == 0 ? 0 : keep * ((const float*)c)[j * (uint64_t)lc.leading + i]);
                    }
                }
                return CUDA_SUCCESS;
            });
            return CUDA_SUCCESS;
        });
        return result == CUDA_SUCCESS ? CUBLAS_STATUS_SUCCESS : CUBLAS_STATUS_EXECUTION_FAILED;
    });
}
