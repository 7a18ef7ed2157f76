#include "settings.h"
#include "types.h"
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <vector>

namespace emulator {

// call:n=code, or call:n=code@device: the n-th call (of that device) from when the rule was set fails.
struct Rule {
    std::string call;
    long n, seen;
    int code, device;
};

static std::mutex lock;
static std::vector<Rule> rules;
static std::string last_report;

// A list of rules, separated by commas. What does not read as one is refused as a whole.
static bool read_rules(const std::string& text) {
    std::vector<Rule> read;
    for (size_t at = 0; at < text.size();) {
        size_t end = text.find(',', at);
        std::string one = text.substr(at, end == std::string::npos ? end : end - at);
        at = end == std::string::npos ? text.size() : end + 1;
        char call[128];
        long n;
        int code, device = -1;
        if (sscanf(one.c_str(), " %127[A-Za-z0-9_]:%ld=%d@%d", call, &n, &code, &device) < 3 || n < 1 || code == 0) return false;
        read.push_back(Rule{call, n, 0, code, device});
    }
    std::lock_guard<std::mutex> hold(lock);
    rules = std::move(read);
    return true;
}

static bool set(Settings& s, const std::string& name, const std::string& value) {
    char* end = nullptr;
    long long number = strtoll(value.c_str(), &end, 10);
    bool is_number = !value.empty() && *end == 0 && number > 0;
    if (name == "OGONG_EMULATOR_FAIL") return read_rules(value);
    if (name == "OGONG_EMULATOR_ORDER") {
        if (value == "ascending") s.order = Order::ascending;
        else if (value == "descending") s.order = Order::descending;
        else if (value == "alternating") s.order = Order::alternating;
        else return false;
        return true;
    }
    if (!is_number) return false;
    if (name == "OGONG_EMULATOR_DEVICES" && number <= most_devices) s.devices = (int)number;
    else if (name == "OGONG_EMULATOR_MEMORY") s.memory = (size_t)number;
    else if (name == "OGONG_EMULATOR_CAPABILITY") s.capability = (int)number;
    else return false;
    return true;
}

Settings& settings() {
    static Settings* all = [] {
        auto* s = new Settings;
        for (const char* name : {"OGONG_EMULATOR_DEVICES", "OGONG_EMULATOR_MEMORY", "OGONG_EMULATOR_CAPABILITY", "OGONG_EMULATOR_ORDER", "OGONG_EMULATOR_FAIL"}) {
            const char* value = getenv(name);
            if (value != nullptr && !set(*s, name, value)) {
                fprintf(stderr, "%s=%s is not understood\n", name, value);
                abort(); // a test that meant to inject a failure must not pass without it
            }
        }
        return s;
    }();
    return *all;
}

int injected_failure(const char* name, int device) {
    settings();
    std::lock_guard<std::mutex> hold(lock);
    for (Rule& rule : rules)
        if (rule.call == name && (rule.device < 0 || rule.device == device) && ++rule.seen == rule.n) return rule.code;
    return 0;
}

void publish(const std::string& report) {
    fprintf(stderr, "Ogong emulator: %s\n", report.c_str());
    std::lock_guard<std::mutex> hold(lock);
    last_report = report;
}

}

using namespace emulator;

// Changes a setting by its variable's name; an empty OGONG_EMULATOR_FAIL ends all injection. 0, or 1 if name or value is not understood.
// The number of devices and the memory count for contexts made afterwards.
EXPORT int ogong_emulator_set(const char* name, const char* value) { return set(settings(), name, value) ? 0 : 1; }

// Copies the last report, cut to size - 1 bytes, and returns its full length; 0 if there was none.
EXPORT size_t ogong_emulator_last_report(char* text, size_t size) {
    std::lock_guard<std::mutex> hold(lock);
    if (size > 0) {
        size_t n = last_report.size() < size - 1 ? last_report.size() : size - 1;
        memcpy(text, last_report.data(), n);
        text[n] = 0;
    }
    return last_report.size();
}
