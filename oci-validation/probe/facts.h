// What the probe can see, one function a fact. All run in the container, as its process (or as a
// program that exec started), and write one JSON value. A fact that takes a parameter writes what
// it saw of that one thing: a path, a sysctl, a system call.
#ifndef OCI_VALIDATION_PROBE_FACTS_H
#define OCI_VALIDATION_PROBE_FACTS_H

#include <string>
#include <string_view>

#include "json.h"

namespace probe {

struct Fact {
  std::string_view name;
  void (*write)(Json& json);
};
struct FactAbout {
  std::string_view name;
  void (*write)(Json& json, const std::string& subject);
};

// facts_process.cc: the process itself.
void write_user(Json& json);
void write_capabilities(Json& json);
void write_no_new_privileges(Json& json);
void write_seccomp(Json& json);
void write_rlimits(Json& json);
void write_oom_score_adj(Json& json);
void write_arguments(Json& json);
void write_environment(Json& json);
void write_working_directory(Json& json);
void write_descriptors(Json& json);
void write_terminal(Json& json);
void write_pid(Json& json);

// facts_scheduling.cc: processor time, memory nodes, I/O priority.
void write_scheduler(Json& json);
void write_io_priority(Json& json);
void write_affinity(Json& json);
void write_memory_policy(Json& json);

// facts_kernel.cc: what namespaces and other kernel objects show.
void write_namespaces(Json& json);
void write_hostname(Json& json);
void write_domainname(Json& json);
void write_cgroup(Json& json);
void write_time_offsets(Json& json);
void write_clocks(Json& json);
void write_personality(Json& json);
void write_keyring(Json& json);
void write_uid_map(Json& json);
void write_gid_map(Json& json);
void write_interfaces(Json& json);
void write_sysctl(Json& json, const std::string& name);

// facts_files.cc: the file system.
void write_mounts(Json& json);
void write_mount_order(Json& json);
void write_devices(Json& json);
void write_file(Json& json, const std::string& path);
void write_list(Json& json, const std::string& path);
void write_read(Json& json, const std::string& path);
void write_write(Json& json, const std::string& path);
void write_device_access(Json& json, const std::string& device);

// syscalls.cc: "ok" or the name of the error of a system call: NAME or NAME:ARGUMENT:...
void write_syscall(Json& json, const std::string& call);

// facts_kernel.cc and others read small files of /proc whole; "" when there is no such file.
std::string read_text(const std::string& path);
// "EPERM" for 1, "ok" for 0.
std::string error_name(int number);

}  // namespace probe

#endif
