// The rules of each part of a configuration, for oci/validate.cc, and what they report to. Every
// check_*() adds one line for each rule that is broken and returns normally.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/concat.h"
#include "brig/config.h"

namespace brig::oci {

// Collects problems; each is one clause that starts with a JSON path. The first ones are told, the
// rest are counted: nobody reads more, and a configuration may have a million.
class Problems {
 public:
  // Adds one problem put together from `pieces` (as concat()).
  template <class... Pieces>
  void add(const Pieces&... pieces) {
    if (++count_ > kMostTold) return;
    if (!text_.empty()) text_.append("; ");
    append(text_, pieces...);
  }

  // Throws one Error with the problems joined by "; ", if there are any.
  void throw_if_any() const;

 private:
  static constexpr std::size_t kMostTold = 20;

  std::string text_;
  std::size_t count_ = 0;
};

[[nodiscard]] inline bool is_absolute(std::string_view path) { return path.starts_with('/'); }

// One list of id mappings at `path`: sizes, ranges, overlaps, the kernel's limit.
void check_id_mappings(const std::vector<IdMapping>& mappings, std::string_view path,
                       Problems& problems);

// `prefix` is the path of the object with its final dot, or empty.
void check_process(const Process& process, std::string_view prefix, Problems& problems);
void check_resources(const Resources& resources, std::string_view prefix, Problems& problems);

void check_mounts(const Config& config, Problems& problems);
void check_namespaces(const Config& config, Problems& problems);
void check_sysctl(const Config& config, Problems& problems);
void check_memory_policy(const MemoryPolicy& policy, Problems& problems);
void check_intel_rdt(const IntelRdt& rdt, Problems& problems);
void check_net_devices(const Config& config, Problems& problems);
void check_devices(const std::vector<Device>& devices, Problems& problems);
void check_seccomp(const Seccomp& seccomp, Problems& problems);

}  // namespace brig::oci
