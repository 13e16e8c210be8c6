// Keeps brig's own program file out of reach of containers (CVE-2019-5736).
//
// A process of a container can reach the runtime's file through /proc/PID/exe (for example by
// `#!/proc/self/exe`) and could write to it if its mount and inode allow. Commands that put a
// process into a container call this first. docs/decisions/003-own-executable.md has the reasons
// and the measurements.
#pragma once

namespace brig::container {

// The environment variable of the second execution, and its setting.
inline constexpr char kExecutedAgain[] = "_BRIG_EXECUTED_AGAIN";
inline constexpr char kExecutedAgainIsSet[] = "_BRIG_EXECUTED_AGAIN=1";

// Whether this execution is the second one. Takes the variable out of the environment and gives the
// process the name of argv[0] back. For any command, before anything else.
[[nodiscard]] bool is_executed_again(char** argv);

// Returns at once when the running executable cannot be written through /proc/self/exe anyway: its
// file system or mount is read-only (as after an earlier call re-executed it), it is a sealed
// memory file, or it has fs-verity. Otherwise executes itself again, with the same arguments and
// environment, from a read-only clone of its mount (open_tree(2), mount_setattr(2)), or from a
// sealed copy in memory where that is not permitted. Throws when neither works. Host side, before
// any other state exists.
//
// Only what the kernel says of the file counts. `again` (is_executed_again()) makes the second
// execution give up instead of going round in circles. In most static builds the program's file has
// been left for that of the clone before the C library started (entry.cc), and this finds all well.
void protect_own_executable(char** argv, bool again);

}  // namespace brig::container
