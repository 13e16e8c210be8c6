#include "isolate/memory_policy.h"

#include "base/concat.h"
#include "base/number_list.h"
#include "brig/error.h"
#include "oci/words.h"
#include "sys/memory_policy.h"

namespace brig::isolate {

void set_memory_policy(const MemoryPolicy& policy) {
  const std::string_view mode = oci::word_of(oci::kMemoryPolicyModeWords, policy.mode);
  const std::optional<std::vector<NumberRange>> nodes = parse_number_list(policy.nodes);
  if (!nodes)
    throw Error(concat("linux.memoryPolicy.nodes: \"", policy.nodes, "\" is not a list of nodes"));
  const sys::Result<void> done =
      sys::set_memory_policy(static_cast<unsigned>(policy.mode) | policy.flags, bit_mask(*nodes));
  if (done.error() == ENOSYS)
    throw Error("linux.memoryPolicy: this kernel is built without NUMA", ENOSYS);
  if (done.error() == EINVAL)
    throw Error(
        concat("linux.memoryPolicy: the kernel refuses ", mode, " with nodes [", policy.nodes, "]"),
        EINVAL,
        "is a node online (/sys/devices/system/node/has_memory) and in "
        "linux.resources.cpu.mems? MPOL_WEIGHTED_INTERLEAVE needs Linux 6.9, "
        "MPOL_PREFERRED_MANY 5.15");
  done.or_throw("linux.memoryPolicy: set the policy");
}

}  // namespace brig::isolate
