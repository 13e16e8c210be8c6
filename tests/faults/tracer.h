// Follows a command and the processes that it makes with ptrace(2), lists their system calls, and
// does a fault to one of them.
#pragma once

#include <string>
#include <vector>

#include "process.h"
#include "syscalls.h"

namespace faults {

// One system call of a command: the ORDINAL-th NUMBER of the process of this ROLE.
// Roles: "runtime" is the command itself; then come the processes that it makes, in the order of
// their making, until they execute a program of others: "init" (exec: "process"), "child2", ...
// A process that was there before (start: "init") is followed as well.
struct Point {
  std::string role;
  long number = 0;
  unsigned ordinal = 0;

  bool operator==(const Point& other) const = default;
  [[nodiscard]] std::string name() const;  // init:openat:17
};

struct Seen : Point {
  bool can_be_short = false;
};

struct Traced {
  Words command;
  std::string child_role;  // of the first process that it makes
  pid_t attach = 0;        // a process to follow as well, under that role; 0: none
  const Point* point = nullptr;
  Fault fault;
};

struct TraceResult : Finished {
  bool reached = false;    // the point
  std::vector<Seen> seen;  // without a point only: all that happened
};

// False on processors whose registers tracer.cc does not know.
bool can_trace();

// Runs the command to its end. One that does not end in time is left stopped or running: the caller
// kills all. Its output goes to `out` and `err`. Throws std::runtime_error when it cannot trace.
TraceResult trace(const Traced& traced, const Output& out, const Output& err);

}  // namespace faults
