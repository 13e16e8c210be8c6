// Finds the program of a process in the container and, when it cannot be executed, says why.
//
// Runs in the container's init or in an exec'd process: in the container's namespaces, with the
// process's root, working directory and (for the execution itself) credentials. A hook's program is
// explained by the same code on the side where the hook runs.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace brig::container {

// The path to execute for args[0]: itself when it has a slash, else the first executable regular
// file of that name in the PATH of `env` (no PATH variable: kDefaultPath; an empty element is the
// working directory). Throws with runc's words, which engines match:
// `exec: "x": executable file not found in $PATH`, `exec: "/x": no such file or directory`,
// `exec: "/x": permission denied`.
std::string find_program(const std::string& name, const std::vector<std::string>& env);

inline constexpr std::string_view kDefaultPath =
    "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

// execve(2); returns only by throwing. The error names the real cause: a missing ELF interpreter
// (named), another architecture (both named), a script with CRLF or a missing or unusable shebang
// interpreter, a noexec mount, no execute permission for this user, a text file without shebang,
// too long arguments.
[[noreturn]] void execute_program(const std::string& path, const std::vector<std::string>& args,
                                  const std::vector<std::string>& env);

// The likely cause of execve(path) having failed with `error_number`, found by looking at the file
// as the calling process sees it; empty when nothing more than the errno can be said. Without the
// errno's own text: "its ELF interpreter /lib/ld-musl-x86_64.so.1 does not exist".
std::string explain_failed_exec(const std::string& path, int error_number);

}  // namespace brig::container
