// The table of `ps`, cut down to a container's processes. Pure.
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

namespace brig::cli {

// The lines of `output`, which ps(1) printed with a header, whose column PID is one of `pids`; the
// header stays. Throws Error when there is no such column.
std::string select_processes(std::string_view output, const std::vector<pid_t>& pids);

}  // namespace brig::cli
