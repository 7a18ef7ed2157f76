// NVRTC's interface, with g++ behind it. The "cubin" is a shared library, which the emulated driver loads.
#include "compiler.h"
#include "../driver/settings.h"
#include "../driver/types.h"
#include <cstring>

using namespace emulator;

enum nvrtcResult {
    NVRTC_SUCCESS = 0,
    NVRTC_ERROR_OUT_OF_MEMORY = 1,
    NVRTC_ERROR_PROGRAM_CREATION_FAILURE = 2,
    NVRTC_ERROR_INVALID_INPUT = 3,
    NVRTC_ERROR_INVALID_PROGRAM = 4,
    NVRTC_ERROR_INVALID_OPTION = 5,
    NVRTC_ERROR_COMPILATION = 6,
    NVRTC_ERROR_INTERNAL_ERROR = 11,
};

struct Program {
    Source source;
    Compiled compiled;
};

EXPORT const char* nvrtcGetErrorString(int result) {
    switch (result) {
        case NVRTC_SUCCESS: return "NVRTC_SUCCESS";
        case NVRTC_ERROR_OUT_OF_MEMORY: return "NVRTC_ERROR_OUT_OF_MEMORY";
        case NVRTC_ERROR_PROGRAM_CREATION_FAILURE: return "NVRTC_ERROR_PROGRAM_CREATION_FAILURE";
        case NVRTC_ERROR_INVALID_INPUT: return "NVRTC_ERROR_INVALID_INPUT";
        case NVRTC_ERROR_INVALID_PROGRAM: return "NVRTC_ERROR_INVALID_PROGRAM";
        case NVRTC_ERROR_INVALID_OPTION: return "NVRTC_ERROR_INVALID_OPTION";
        case NVRTC_ERROR_COMPILATION: return "NVRTC_ERROR_COMPILATION";
        case NVRTC_ERROR_INTERNAL_ERROR: return "NVRTC_ERROR_INTERNAL_ERROR";
        default: return "NVRTC_ERROR unknown";
    }
}

template <class Body> static nvrtcResult call(const char* name, Body body) {
    int code = injected_failure(name, -1);
    return code != 0 ? (nvrtcResult)code : body();
}

EXPORT nvrtcResult nvrtcVersion(int* major, int* minor) {
    return call("nvrtcVersion", [&] { return *major = 12, *minor = 4, NVRTC_SUCCESS; });
}

static const int architectures[] = {70, 75, 80, 86, 89, 90};

EXPORT nvrtcResult nvrtcGetNumSupportedArchs(int* count) {
    return call("nvrtcGetNumSupportedArchs", [&] { return *count = sizeof architectures / sizeof architectures[0], NVRTC_SUCCESS; });
}

EXPORT nvrtcResult nvrtcGetSupportedArchs(int* values) {
    return call("nvrtcGetSupportedArchs", [&] { return memcpy(values, architectures, sizeof architectures), NVRTC_SUCCESS; });
}

EXPORT nvrtcResult nvrtcCreateProgram(Program** program, const char* text, const char* name, int count, const char* const* headers, const char* const* names) {
    return call("nvrtcCreateProgram", [&] {
        if (text == nullptr || count < 0) return NVRTC_ERROR_INVALID_INPUT;
        auto* made = new Program;
        made->source.files.push_back({name == nullptr || *name == 0 ? "default_program" : name, text});
        for (int i = 0; i < count; i++) made->source.files.push_back({names[i], headers[i]});
        return *program = made, NVRTC_SUCCESS;
    });
}

EXPORT nvrtcResult nvrtcDestroyProgram(Program** program) {
    if (*program == nullptr) return NVRTC_ERROR_INVALID_PROGRAM;
    delete *program;
    *program = nullptr;
    return NVRTC_SUCCESS;
}

EXPORT nvrtcResult nvrtcCompileProgram(Program* program, int count, const char* const* options) {
    return call("nvrtcCompileProgram", [&] {
        if (program == nullptr) return NVRTC_ERROR_INVALID_PROGRAM;
        Compiled& c = program->compiled;
        c = Compiled();
        std::vector<std::string> flags;
        for (int i = 0; i < count; i++)
            if (!translate(options[i], flags)) {
                c.log = std::string("unrecognized option ") + options[i] + "\n";
                return NVRTC_ERROR_INVALID_OPTION;
            }
        compile(program->source, flags, c);
        return c.binary.empty() ? NVRTC_ERROR_COMPILATION : NVRTC_SUCCESS;
    });
}

static nvrtcResult size_of(const char* name, Program* program, const std::string& (*text)(Program*), size_t end, size_t* size) {
    return call(name, [&] { return program == nullptr ? NVRTC_ERROR_INVALID_PROGRAM : (*size = text(program).size() + end, NVRTC_SUCCESS); });
}

static nvrtcResult copy_of(const char* name, Program* program, const std::string& (*text)(Program*), size_t end, char* to) {
    return call(name, [&] { return program == nullptr ? NVRTC_ERROR_INVALID_PROGRAM : (memcpy(to, text(program).c_str(), text(program).size() + end), NVRTC_SUCCESS); });
}

static const std::string& log_of(Program* p) { return p->compiled.log; }
static const std::string& binary_of(Program* p) { return p->compiled.binary; }

// PTX is the same file: the driver accepts it for any architecture. The log ends in a zero byte.
EXPORT nvrtcResult nvrtcGetProgramLogSize(Program* p, size_t* size) { return size_of("nvrtcGetProgramLogSize", p, log_of, 1, size); }
EXPORT nvrtcResult nvrtcGetProgramLog(Program* p, char* log) { return copy_of("nvrtcGetProgramLog", p, log_of, 1, log); }
EXPORT nvrtcResult nvrtcGetCUBINSize(Program* p, size_t* size) { return size_of("nvrtcGetCUBINSize", p, binary_of, 0, size); }
EXPORT nvrtcResult nvrtcGetCUBIN(Program* p, char* binary) { return copy_of("nvrtcGetCUBIN", p, binary_of, 0, binary); }
EXPORT nvrtcResult nvrtcGetPTXSize(Program* p, size_t* size) { return size_of("nvrtcGetPTXSize", p, binary_of, 0, size); }
EXPORT nvrtcResult nvrtcGetPTX(Program* p, char* ptx) { return copy_of("nvrtcGetPTX", p, binary_of, 0, ptx); }
