// Modules, functions, launches. A "cubin" here is a shared library that the emulated NVRTC made.
#include "state.h"
#include "worker.h"
#include <cstring>
#include <dlfcn.h>
#include <sys/mman.h>
#include <unistd.h>

namespace emulator {

void fill_services(EmulatorModule& module);

Module::~Module() {
    if (library != nullptr) dlclose(library);
    if (file >= 0) close(file);
}

}

using namespace emulator;

static constexpr size_t shared_without_asking = 48 << 10, shared_at_most = 227 << 10;

// ---- modules ----

// An ELF file says in its header where its sections end, which is its length: the driver API is given no other.
static size_t image_bytes(const unsigned char* image) {
    if (memcmp(image, "\177ELF", 4) != 0) return 0;
    uint64_t sections;
    uint16_t size, count;
    memcpy(&sections, image + 0x28, 8);
    memcpy(&size, image + 0x3A, 2);
    memcpy(&count, image + 0x3C, 2);
    return sections + (size_t)size * count;
}

// The file stays open as long as the library: the loader takes a library whose file has the name of a loaded one for that one.
static void load(Module& module, const void* image, size_t bytes) {
    module.file = memfd_create("ogong-module", MFD_CLOEXEC);
    if (module.file < 0 || write(module.file, image, bytes) != (ssize_t)bytes) return;
    module.library = dlopen(("/proc/self/fd/" + std::to_string(module.file)).c_str(), RTLD_NOW | RTLD_LOCAL);
}

EXPORT CUresult cuModuleLoadData(Module** module, const void* image) {
    return call("cuModuleLoadData", [&](Device& d) {
        size_t bytes = image_bytes((const unsigned char*)image);
        if (bytes == 0) return CUDA_ERROR_INVALID_IMAGE;
        auto made = std::make_shared<Module>();
        made->device = &d;
        load(*made, image, bytes);
        made->state = made->library == nullptr ? nullptr : (EmulatorModule*)dlsym(made->library, "ogong_module");
        if (made->state == nullptr) {
            const char* why = dlerror();
            publish(std::string("a module is not one of the emulator's: ") + (why == nullptr ? "?" : why));
            return CUDA_ERROR_NO_BINARY_FOR_GPU;
        }
        made->static_shared = (size_t)(made->state->shared_end - made->state->shared_begin);
        fill_services(*made->state);
        return *module = modules.add(made), CUDA_SUCCESS;
    });
}

EXPORT CUresult cuModuleLoadDataEx(Module** module, const void* image, unsigned, const int*, void**) { return cuModuleLoadData(module, image); }

// Launches that are still waiting then fail, as do graphs that hold one: on a device they would run code that is gone.
EXPORT CUresult cuModuleUnload(void* handle) {
    return call_release("cuModuleUnload", [&](Device&) {
        auto module = modules.remove(handle);
        if (module == nullptr) return CUDA_ERROR_INVALID_HANDLE;
        module->loaded = false;
        functions.remove_where([&](const Function& f) { return f.module == module; });
        return CUDA_SUCCESS;
    });
}

// ---- functions ----

EXPORT CUresult cuModuleGetFunction(Function** function, void* handle, const char* name) {
    return call("cuModuleGetFunction", [&](Device& d) {
        auto module = modules.get(handle);
        if (module == nullptr || module->device != &d) return CUDA_ERROR_INVALID_HANDLE;
        auto* kernel = (const EmulatorKernel*)dlsym(module->library, (std::string("ogong_kernel_") + name).c_str());
        if (kernel == nullptr) return CUDA_ERROR_NOT_FOUND;
        auto made = std::make_shared<Function>(Function{module, name, kernel, 0});
        // A module's kernels share one block of static shared memory, of which only the sum is known.
        made->max_dynamic_shared = shared_without_asking - std::min(shared_without_asking, module->static_shared);
        return *function = functions.add(made), CUDA_SUCCESS;
    });
}

static CUresult for_function(const char* name, void* handle, const std::function<CUresult(Function&)>& body) {
    return call(name, [&](Device& d) {
        auto function = functions.get(handle);
        return function == nullptr || function->module->device != &d ? CUDA_ERROR_INVALID_HANDLE : body(*function);
    });
}

EXPORT CUresult cuFuncGetAttribute(int* value, int attribute, void* handle) {
    return for_function("cuFuncGetAttribute", handle, [&](Function& f) {
        switch (attribute) {
            case 0: *value = (int)f.kernel->max_threads; break;
            case 1: *value = (int)f.module->static_shared; break;
            case 2: *value = 0; break;               // constants
            case 3: *value = 0; break;               // local memory
            case 4: *value = 0; break;               // registers: there are none to count
            case 5: case 6: *value = settings().capability; break;
            case 8: *value = (int)f.max_dynamic_shared; break;
            default: return CUDA_ERROR_INVALID_VALUE;
        }
        return CUDA_SUCCESS;
    });
}

EXPORT CUresult cuFuncSetAttribute(void* handle, int attribute, int value) {
    return for_function("cuFuncSetAttribute", handle, [&](Function& f) {
        if (attribute != 8) return attribute == 9 ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE; // 9: how to divide a cache that is not there
        if (value < 0 || (size_t)value + f.module->static_shared > shared_at_most) return CUDA_ERROR_INVALID_VALUE;
        f.max_dynamic_shared = (size_t)value;
        return CUDA_SUCCESS;
    });
}

// ---- launches ----

struct PendingLaunch {
    std::shared_ptr<Function> function;
    EmulatorIndex grid, block;
    size_t shared;
    std::vector<uint64_t> arguments; // copied at the launch, and aligned for what they hold
};

static CUresult run_kernel(Device& d, const PendingLaunch& p) {
    Function& f = *p.function;
    if (!f.module->loaded) {
        report_failure(d, CUDA_ERROR_INVALID_HANDLE, "kernel " + f.name + " was launched, and its module unloaded before it ran");
        return CUDA_ERROR_INVALID_HANDLE;
    }
    if (int code = injected_failure(f.name.c_str(), d.ordinal)) return (CUresult)code;
    Launch launch = {f.name, f.module->state, f.kernel->run, p.arguments.data(), p.grid, p.block, p.shared, settings().order};
    owns_address = [](const void* address) {
        for (Device& device : devices)
            if (device.memory != nullptr && device.memory->contains(address)) return true;
        return false;
    };
    describe_address = [](const void* address, bool write) {
        for (Device& device : devices)
            if (device.memory != nullptr && device.memory->contains(address)) return device.memory->describe(address, write);
        return std::string();
    };
    Outcome outcome = run_grid(launch);
    std::string damage = outcome.failure == Failure::none ? d.memory->damaged() : std::string();
    if (!damage.empty()) outcome = {Failure::illegal_address, "kernel " + f.name + " wrote " + damage};
    if (outcome.failure == Failure::none) return CUDA_SUCCESS;
    CUresult code = outcome.failure == Failure::illegal_address ? CUDA_ERROR_ILLEGAL_ADDRESS
        : outcome.failure == Failure::misaligned_address ? CUDA_ERROR_MISALIGNED_ADDRESS : CUDA_ERROR_LAUNCH_FAILED;
    report_failure(d, code, outcome.report);
    return code;
}

EXPORT CUresult cuLaunchKernel(void* handle, unsigned grid_x, unsigned grid_y, unsigned grid_z, unsigned block_x, unsigned block_y, unsigned block_z,
    unsigned shared, void* stream, void** parameters, void** extra) {
    return call("cuLaunchKernel", [&](Device& d) {
        auto function = functions.get(handle);
        auto on = stream_of(stream);
        if (function == nullptr || on == nullptr || function->module->device != &d) return CUDA_ERROR_INVALID_HANDLE;
        if (grid_x == 0 || grid_y == 0 || grid_z == 0 || block_x == 0 || block_y == 0 || block_z == 0) return CUDA_ERROR_INVALID_VALUE;
        if (grid_x > 0x7FFFFFFF || grid_y > 65535 || grid_z > 65535 || block_x > 1024 || block_y > 1024 || block_z > 64) return CUDA_ERROR_INVALID_VALUE;
        uint64_t threads = (uint64_t)block_x * block_y * block_z;
        if (threads > 1024 || extra != nullptr || parameters == nullptr || shared > function->max_dynamic_shared) return CUDA_ERROR_INVALID_VALUE;
        if (threads > function->kernel->max_threads) return CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES;
        auto pending = std::make_shared<PendingLaunch>(PendingLaunch{function, {grid_x, grid_y, grid_z}, {block_x, block_y, block_z}, shared, {}});
        pending->arguments.resize((function->kernel->argument_bytes + 7) / 8);
        memcpy(pending->arguments.data(), parameters[0], function->kernel->argument_bytes);
        give(on, [pending](Device& device) { return run_kernel(device, *pending); });
        return CUDA_SUCCESS;
    });
}
