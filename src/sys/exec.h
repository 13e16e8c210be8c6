// Executing programs: in place of the calling process, or as a child.
#pragma once

#include <string>
#include <vector>

#include "sys/fd.h"
#include "sys/process.h"
#include "sys/result.h"

namespace brig::sys {

// Executes `path` in place of the calling process; returns only with a failure. execve(2).
Result<void> execute(const std::string& path, const std::vector<std::string>& args,
                     const std::vector<std::string>& env);

// Executes the file behind `fd` (also an O_PATH descriptor) in place of the calling process, with
// the null-terminated `args` and the caller's environment; returns only with a failure. execveat(2)
// AT_EMPTY_PATH.
Result<void> execute_descriptor(int fd, char* const* args);

// Sets the name of the calling thread as ps(1) shows it: the first 15 bytes. prctl(2) PR_SET_NAME.
Result<void> set_thread_name(const char* name);

// Whether the calling process may execute the file (or search the folder) with its effective ids:
// EACCES when not. faccessat(2) with AT_EACCESS.
Result<void> may_execute(const std::string& path);

// A child process that runs another program.
struct SpawnOptions {
  std::string path;
  std::vector<std::string> args;                  // args[0] included
  const std::vector<std::string>* env = nullptr;  // null: the caller's environment
  int directory = -1;  // where it starts; -1: the caller's working directory
  // Descriptors for its standard input, output and error. It gets no others.
  int input = -1;
  int output = -1;
  int error = -1;
};

// Starts the program in a process group of its own, with default signal actions and no blocked
// signals. A program that cannot be executed is a failure here, and leaves no process. The caller
// reaps it with wait_for_exit(). posix_spawn(3), pidfd_open(2).
Result<ChildProcess> spawn(const SpawnOptions& options);

// Sends `signal` to every process of a group. kill(2) with a negative number. The leader must not
// be reaped yet, or the group may be another's.
Result<void> signal_process_group(pid_t leader, int signal);

}  // namespace brig::sys
