// Where the time of a command goes (--timings FILE): each phase with its start and its duration.
// One process-wide list, as the log is; without configure() a phase costs one comparison.
//
// The phases of a process follow each other without a gap, so their durations add up to all of its
// time. The container's process, which works beside brig, notes phases of its own.
#pragma once

#include <string>
#include <string_view>

namespace brig::timings {

inline constinit bool enabled = false;

namespace detail {
void note(const char* phase) noexcept;
void write() noexcept;
}  // namespace detail

// Opens the file for appending (created with mode 0644). The first phase, "start-up", is the
// processor time that the process has used up to now: the kernel's execve(2), the linker's work,
// and executing the own file again. The command and the container's id are written with each phase.
// Throws Error when the file cannot be opened.
void configure(const std::string& file, std::string_view command, std::string_view container);

// A phase starts here, and the one before it ends. `phase` must live as long as the process.
inline void begin(const char* phase) noexcept {
  if (enabled) detail::note(phase);
}

// In a new process of the container: its phases start here, on brig's clock.
void enter_container() noexcept;

// Ends the running phase and appends what was noted since the last time with one write(2):
//   {"command":"run","id":"c1","side":"host","phase":"mounts","start_us":812.3,"us":310.0}
// `side` is "host" or "container". Times are in microseconds, from the start of brig on.
inline void write() noexcept {
  if (enabled) detail::write();
}

}  // namespace brig::timings
