// The system calls that the harness knows: their names, and with what each may plausibly fail.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace faults {

// What is done to one system call instead of what it asks for.
struct Fault {
  enum class Kind {
    kKill,   // its process is killed before it
    kErrno,  // it fails with `error`, without having done anything
    kShort,  // it reads or writes one byte of what it should
  };
  Kind kind = Kind::kKill;
  int error = 0;

  // Whether the caller must go on as if nothing had been: an interruption and a short transfer are
  // no failures.
  [[nodiscard]] bool is_harmless() const;
};

// "kill", "short" or the name of the errno ("EMFILE"), and back. parse_fault() throws
// std::invalid_argument.
std::string fault_name(const Fault& fault);
Fault parse_fault(std::string_view name);

// "openat"; "syscall-999" for one that is not in the table.
std::string syscall_name(long number);

// The failures to try on it, without kKill; none for those that are left out (syscalls.cc says
// why). `can_be_short`: this call transfers more than one byte of a file that knows short
// transfers.
std::vector<Fault> faults_of(long number, bool can_be_short);

// Whether brig does something else in place of a call that fails like this, so that the program may
// see something else: what callers get who may not mount a file system or make a device, and images
// with an /etc/passwd that may not be read.
bool has_substitute(long number, const Fault& fault);

// Whether it transfers bytes between the descriptor in its first and the buffer of the size in its
// third argument, and in which direction.
enum class Transfer { kNone, kRead, kWrite };
Transfer transfer_of(long number);

}  // namespace faults
