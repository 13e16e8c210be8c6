// Finds the program of a process in the container and, when it cannot be executed, says why.
//
// Runs in the container's init or in an exec'd process: in the container's namespaces, with the
// process's root, working directory and (for the execution itself) credentials.
#pragma once

#include <string>
#include <vector>

namespace brig::container {

// The path to execute for args[0]: itself when it has a slash, else the first executable regular
// file of that name in the PATH of `env` (no PATH: as runc, the default path). Throws with runc's
// words, which engines match
// (`exec: "x": executable file not found in $PATH`, `exec: "/x": permission denied`, "is a
// directory").
std::string find_program(const std::string& name, const std::vector<std::string>& env);

// execve(2); returns only by throwing. The error names the real cause: a missing ELF interpreter
// (named), another architecture (both named), a script with CRLF or a missing or unusable shebang
// interpreter, a noexec mount, no execute permission for this user, a text file without shebang,
// too long arguments.
[[noreturn]] void execute_program(const std::string& path, const std::vector<std::string>& args,
                                  const std::vector<std::string>& env);

}  // namespace brig::container
