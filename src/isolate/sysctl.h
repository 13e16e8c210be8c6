// linux.sysctl.
//
// Runs in the container's init, as root of its user namespace and inside the namespaces whose
// settings it writes.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace brig::isolate {

// The file below /proc/sys of a key: separators are '.' or '/'; as in sysctl(8) the first separator
// found says which, and the other character is then part of a name
// ("net.ipv4.conf.eth0/1.forwarding" and "net/ipv4/conf/eth0.1/forwarding" are the same). Throws
// for keys with empty, "." or ".." components.
std::string sysctl_path(std::string_view key);

// Writes all settings. `proc` is a handle of sys::open_private_proc(kWhole). Errors name
// linux.sysctl["key"].
void write_sysctls(int proc, const std::map<std::string, std::string>& settings);

}  // namespace brig::isolate
