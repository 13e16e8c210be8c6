// The fuzz targets: each takes any bytes from outside and gives them to the code that reads such
// bytes.
//
// A target may do nothing for some input, but what brig refuses it must refuse by an Error with one
// clear line: any other exception, a crash, a leak or a broken promise (require()) is a finding.
// The same functions run under libFuzzer (fuzzer.cc) and, with the inputs that are kept, in `make
// check` (replay.cc). One file is one target; targets.cc lists them.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "brig/error.h"

namespace brig::fuzz {

struct Target {
  const char* name;  // as the folder of its inputs is called
  void (*run)(std::string_view input);
};

// All targets, sorted by name.
std::span<const Target> targets();
// The one called `name`; null when there is none.
const Target* find_target(std::string_view name);

void fuzz_command_line(std::string_view input);
void fuzz_config(std::string_view input);
void fuzz_container_files(std::string_view input);
void fuzz_dbus_message(std::string_view input);
void fuzz_dbus_text(std::string_view input);
void fuzz_handshake(std::string_view input);
void fuzz_idmap_option(std::string_view input);
void fuzz_mount_options(std::string_view input);
void fuzz_number_list(std::string_view input);
void fuzz_process(std::string_view input);
void fuzz_resources(std::string_view input);
void fuzz_seccomp(std::string_view input);
void fuzz_seccomp_cache(std::string_view input);
void fuzz_state(std::string_view input);
void fuzz_subids(std::string_view input);

// Ends the program with `promise` as the finding, unless `holds`.
void require(bool holds, const char* promise);

// Ends the program unless `error` is a line that can be shown.
void require_one_line(const Error& error);

// What `action` returns is of no interest; true when it threw no Error.
template <class Action>
bool accepts(Action&& action) {
  try {
    action();
    return true;
  } catch (const Error& error) {
    require_one_line(error);
    return false;
  }
}

// The lines of `input`, without their ends.
std::vector<std::string> lines_of(std::string_view input);

// Takes what stands before the first line feed off the front of `input`.
std::string_view take_line(std::string_view& input);

}  // namespace brig::fuzz
