#include "sys/bpf.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

namespace brig::sys {

namespace {

constexpr std::uint32_t kMostPrograms = 64;

long bpf(int command, bpf_attr& attributes) {
  return ::syscall(SYS_bpf, command, &attributes, sizeof attributes);
}

// All zero, padding included: the kernel refuses attributes it does not know unless they are 0.
bpf_attr no_attributes() {
  bpf_attr attributes;
  std::memset(&attributes, 0, sizeof attributes);
  return attributes;
}

std::uint64_t address(const void* object) { return reinterpret_cast<std::uintptr_t>(object); }

}  // namespace

Result<OwnFd> load_device_program(const std::vector<bpf_insn>& program, std::string* log) {
  bpf_attr attributes = no_attributes();
  attributes.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
  attributes.expected_attach_type = BPF_CGROUP_DEVICE;
  attributes.insns = address(program.data());
  attributes.insn_cnt = static_cast<std::uint32_t>(program.size());
  attributes.license = address("Apache-2.0");
  constexpr char kName[] = "brig_devices";
  std::copy(std::begin(kName), std::end(kName), attributes.prog_name);
  if (log != nullptr) {
    log->assign(65536, '\0');
    attributes.log_level = 1;
    attributes.log_buf = address(log->data());
    attributes.log_size = static_cast<std::uint32_t>(log->size());
  }
  const long fd = bpf(BPF_PROG_LOAD, attributes);
  const int failed = errno;
  if (log != nullptr) log->resize(std::strlen(log->c_str()));
  if (fd < 0) return Result<OwnFd>::failure(failed);
  return OwnFd(static_cast<int>(fd));
}

Result<void> attach_device_program(int cgroup, int program, int replaced) {
  bpf_attr attributes = no_attributes();
  attributes.target_fd = static_cast<std::uint32_t>(cgroup);
  attributes.attach_bpf_fd = static_cast<std::uint32_t>(program);
  attributes.attach_type = BPF_CGROUP_DEVICE;
  attributes.attach_flags = BPF_F_ALLOW_MULTI;
  if (replaced >= 0) {
    attributes.attach_flags |= BPF_F_REPLACE;
    attributes.replace_bpf_fd = static_cast<std::uint32_t>(replaced);
  }
  return Result<void>::of(bpf(BPF_PROG_ATTACH, attributes));
}

Result<void> detach_device_program(int cgroup, int program) {
  bpf_attr attributes = no_attributes();
  attributes.target_fd = static_cast<std::uint32_t>(cgroup);
  attributes.attach_bpf_fd = static_cast<std::uint32_t>(program);
  attributes.attach_type = BPF_CGROUP_DEVICE;
  return Result<void>::of(bpf(BPF_PROG_DETACH, attributes));
}

Result<std::vector<std::uint32_t>> attached_device_programs(int cgroup) {
  std::vector<std::uint32_t> ids(kMostPrograms);
  bpf_attr attributes = no_attributes();
  attributes.query.target_fd = static_cast<std::uint32_t>(cgroup);
  attributes.query.attach_type = BPF_CGROUP_DEVICE;
  attributes.query.prog_ids = address(ids.data());
  attributes.query.prog_cnt = kMostPrograms;
  // Kernels from 6.17 to 7.1 write the `revision` member, which this header may not have, whatever
  // size they were given; the union is larger than that, so it stays inside.
  if (bpf(BPF_PROG_QUERY, attributes) < 0) return Result<std::vector<std::uint32_t>>::last_error();
  ids.resize(attributes.query.prog_cnt);
  return ids;
}

Result<OwnFd> open_bpf_program(std::uint32_t id) {
  bpf_attr attributes = no_attributes();
  attributes.prog_id = id;
  const long fd = bpf(BPF_PROG_GET_FD_BY_ID, attributes);
  if (fd < 0) return Result<OwnFd>::last_error();
  return OwnFd(static_cast<int>(fd));
}

}  // namespace brig::sys
