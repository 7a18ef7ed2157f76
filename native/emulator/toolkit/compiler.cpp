#include "compiler.h"
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <fcntl.h>
#include <fstream>
#include <filesystem>
#include <spawn.h>
#include <sstream>
#include <sys/wait.h>

extern char** environ;

namespace emulator {

namespace fs = std::filesystem;

static bool starts(const std::string& s, const char* with) { return s.compare(0, strlen(with), with) == 0; }

bool translate(const std::string& option, std::vector<std::string>& flags) {
    static const struct {
        const char *theirs, *ours;
    } prefixes[] = {{"-D", "-D"}, {"--define-macro=", "-D"}, {"-I", "-I"}, {"--include-path=", "-I"}};
    for (auto& p : prefixes)
        if (starts(option, p.theirs)) return flags.push_back(p.ours + option.substr(strlen(p.theirs))), true;
    for (const char* architecture : {"--gpu-architecture=", "-arch="})
        if (starts(option, architecture)) {
            size_t digits = option.find_first_of("0123456789");
            if (digits == std::string::npos) return false;
            return flags.push_back("-D__CUDA_ARCH__=" + std::to_string(atoi(option.c_str() + digits) * 10)), true;
        }
    // What the emulator does anyway, or what changes nothing here. Anything that would change results is not known.
    for (const char* known : {"--std=c++17", "-std=c++17", "--fmad=false", "-fmad=false", "--ftz=false", "--prec-div=true", "--prec-sqrt=true",
             "-lineinfo", "--generate-line-info", "-default-device", "--device-as-default-execution-space"})
        if (option == known) return true;
    return false;
}

// A folder that goes when the compilation ends.
struct Folder {
    std::string path;
    Folder() {
        const char* base = getenv("TMPDIR");
        std::string pattern = std::string(base == nullptr || *base == 0 ? "/tmp" : base) + "/ogong-nvrtc-XXXXXX";
        if (mkdtemp(pattern.data()) != nullptr) path = pattern;
    }
    ~Folder() {
        std::error_code ignored;
        if (!path.empty()) fs::remove_all(path, ignored);
    }
    std::string operator/(const char* name) const { return path + "/" + name; }
};

static std::string read(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
}

static bool write(const std::string& path, const std::string& text) {
    std::ofstream out(path, std::ios::binary);
    out << text;
    return out.good();
}

static std::string headers() {
    Dl_info here;
    return dladdr((void*)&headers, &here) != 0 ? (fs::path(here.dli_fname).parent_path() / "include").string() : "include";
}

// Runs g++ in the folder; what it prints goes to the log.
static bool run(const Folder& folder, std::vector<std::string> arguments, std::string& log) {
    std::vector<char*> list;
    for (auto& a : arguments) list.push_back(a.data());
    list.push_back(nullptr);
    std::string messages = folder / "messages";
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 1, messages.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    posix_spawn_file_actions_adddup2(&actions, 1, 2);
    posix_spawn_file_actions_addchdir_np(&actions, folder.path.c_str());
    pid_t child;
    int error = posix_spawnp(&child, list[0], &actions, nullptr, list.data(), environ), status = -1;
    posix_spawn_file_actions_destroy(&actions);
    if (error != 0) return log = "g++: " + std::string(strerror(error)) + "\n", false;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {}
    log = read(messages);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

// A descriptor for each entry point of the preprocessed text, where __global__ and __launch_bounds__ have become the marks of emulator.h.
static std::string descriptors(const std::string& text) {
    static const char mark[] = "emulator_global", bounds[] = "emulator_bounds(";
    std::string out = "\n# 1 \"kernels\"\n";
    for (size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, at)) {
        at += strlen(mark);
        std::string threads = "1024";
        int depth = 0;
        size_t name_end = at;
        // Past the mark's own "))", over attributes in their parentheses, to the one that opens the parameters: the name stands before it.
        for (size_t i = text.find("))", at) + 2; i < text.size(); i++) {
            if (text.compare(i, strlen(bounds), bounds) == 0 && depth == 2) {
                size_t first = i + strlen(bounds), last = first;
                for (int inner = 0; inner > 0 || (text[last] != ',' && text[last] != ')'); last++) inner += (text[last] == '(') - (text[last] == ')');
                threads = text.substr(first, last - first);
            }
            if (text[i] == '(' && depth++ == 0) {
                size_t end = text.find_last_not_of(" \n", i - 1) + 1, begin = end;
                while (begin > at && (isalnum((unsigned char)text[begin - 1]) || text[begin - 1] == '_')) begin--;
                std::string name = text.substr(begin, end - begin);
                if (name != "__attribute__") {
                    out += "static void emulator_run_" + name + "(const void* arguments) { emulator_call(&" + name + ", arguments); }\n" +
                        "extern \"C\" __attribute__((visibility(\"default\"))) const EmulatorKernel ogong_kernel_" + name + ";\n" +
                        "const EmulatorKernel ogong_kernel_" + name + " = {emulator_run_" + name + ", emulator_argument_bytes(&" + name + "), " + threads + "};\n";
                    name_end = i;
                    break;
                }
            }
            if (text[i] == ')') depth--;
        }
        at = name_end;
    }
    return out;
}

void compile(const Source& source, const std::vector<std::string>& flags, Compiled& result) {
    Folder folder;
    for (const File& file : source.files) {
        // A header's name may hold folders, but must stay inside.
        fs::path name = fs::path(file.name).lexically_normal();
        if (folder.path.empty() || name.is_absolute() || starts(name.string(), "..")) return void(result.log = "cannot write " + file.name + "\n");
        fs::create_directories((fs::path(folder.path) / name).parent_path());
        if (!write((fs::path(folder.path) / name).string(), file.text)) return void(result.log = "cannot write " + file.name + "\n");
    }
    static const bool fma = __builtin_cpu_supports("fma"); // without it fmaf is a call, and as exact
    std::vector<std::string> preprocess = {"g++", "-E", "-x", "c++", "-std=c++17", "-DOGONG_EMULATOR", "-I.", "-I" + headers(), "-include", "emulator.h"};
    preprocess.insert(preprocess.end(), flags.begin(), flags.end());
    preprocess.insert(preprocess.end(), {source.files[0].name, "-o", "module.ii"});
    if (!run(folder, preprocess, result.log)) return;
    std::string text = read(folder / "module.ii");
    if (!write(folder / "module.ii", text + descriptors(text))) return void(result.log = "cannot write\n");
    // Alignment and bounds are checked by the compiler: on a GPU a misaligned access fails, and an index past a shared array reads another's.
    std::vector<std::string> build = {"g++", "-fpreprocessed", "-std=c++17", "-O1", "-ffp-contract=off", "-fno-math-errno", "-fno-strict-aliasing", "-fwrapv",
        "-fPIC", "-shared", "-nostartfiles", "-fvisibility=hidden", "-fno-gnu-unique", "-fno-exceptions", "-fno-asynchronous-unwind-tables",
        "-fsanitize=alignment,bounds", "-fno-sanitize-recover=all", "-Wl,--as-needed",
        "-Wno-attributes", "-Wno-unknown-pragmas", fma ? "-mfma" : "-mno-fma", "module.ii", "-o", "module.so"};
    if (run(folder, build, result.log)) result.binary = read(folder / "module.so");
}

}
