// Keeps brig's own program file out of reach of containers (CVE-2019-5736).
//
// A process of a container can reach the runtime's file through /proc/PID/exe (for example by
// `#!/proc/self/exe`) and could write to it if its mount and inode allow. Commands that put a
// process into a container call this first. docs/decisions/003-own-executable.md has the reasons
// and the measurements.
#pragma once

namespace brig::container {

// Returns at once when the running executable cannot be written through /proc/self/exe anyway: its
// file system or mount is read-only (as after an earlier call re-executed it), it is a sealed
// memory file, or it has fs-verity. Otherwise executes itself again, with the same arguments and
// environment, from a read-only clone of its mount (open_tree(2), mount_setattr(2)), or from a
// sealed copy in memory where that is not permitted. Throws when neither works. Host side, before
// any other state exists.
//
// Only what the kernel says of the file counts. An environment variable tells the second execution
// that it is one, so that it gives up instead of going round in circles; it is removed again.
void protect_own_executable(char** argv);

}  // namespace brig::container
