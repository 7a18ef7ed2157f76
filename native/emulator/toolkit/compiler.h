// From the text of a .cu file to a shared library.
#pragma once
#include <string>
#include <vector>

namespace emulator {

struct File {
    std::string name, text;
};

struct Source {
    std::vector<File> files; // the program, then its headers
};

struct Compiled {
    std::string binary; // empty: it did not compile, and the log says why
    std::string log;
};

// An option of NVRTC as options of g++; false if it is not known.
bool translate(const std::string& option, std::vector<std::string>& flags);

void compile(const Source& source, const std::vector<std::string>& flags, Compiled& result);

}
