// The user, groups and privileges the container's process runs with (config.md "User").
//
// Runs in the container's init or in an exec'd process, in all of its namespaces, as root of its
// user namespace.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "brig/config.h"

namespace brig::isolate {

// What set_user() does with the supplementary groups.
enum class Groups {
  kSet,           // exactly user.additionalGids; a failure is an error
  kSetIfAllowed,  // the same, but a user namespace that denies setgroups(2) keeps the runtime's
                  // (for a configuration that names no groups)
  kKeep           // annotation run.oci.keep_original_groups: those of the runtime
};

// setgroups(2), setresgid(2), setresuid(2), in this order, because each takes away the right to do
// the one before. Errors name the id and, in a user namespace, the mapping that is missing.
void set_user(const User& user, Groups groups);

// umask(2) to user.umask, or 0022 when absent. Returns nothing: it cannot fail.
void set_umask(const User& user);

// Makes `uid` the owner of standard input, output and error, so that a process that is not root may
// open /dev/stdin, /dev/stdout and /dev/stderr again. /dev/null is left alone, and so is what may
// not be changed (another owner's file, a read-only file system). While still root.
void give_standard_streams(std::uint32_t uid);

// prctl(2) PR_SET_NO_NEW_PRIVS.
void set_no_new_privileges();

// Hides the process from the ptrace(2) of others and its /proc links from the container until it
// has executed the program (CVE-2016-9962). A change of user resets it to
// /proc/sys/fs/suid_dumpable: call it before joining namespaces, and again after set_user().
void set_not_dumpable();

// The home directory of `uid` in the text of an /etc/passwd; empty when it has no entry. The
// caller opens the file in the container's root. Names are never looked at: CVE-2016-3697.
std::string find_home(std::string_view passwd, std::uint32_t uid);

// The name of `uid` in the text of the host's /etc/passwd; empty when it has no entry.
std::string find_user_name(std::string_view passwd, std::uint32_t uid);

}  // namespace brig::isolate
