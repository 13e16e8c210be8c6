// Running a program of the host for its output.
#pragma once

#include <string>
#include <vector>

#include "sys/result.h"

namespace brig::sys {

struct CapturedOutput {
  std::string text;  // standard output and standard error together
  int status = 0;    // as a shell shows it: 128 + signal when one killed it
};

// Runs argv[0], found by PATH, with an empty standard input and waits for it. posix_spawnp(3); a
// failure to execute is its errno. The caller must not ignore SIGCHLD.
Result<CapturedOutput> capture_output(const std::vector<std::string>& argv);

}  // namespace brig::sys
