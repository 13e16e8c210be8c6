#include "isolate/rlimits.h"

#include <string>

#include "base/concat.h"
#include "brig/error.h"
#include "sys/sched.h"

namespace brig::isolate {

namespace {

std::string limit_text(std::uint64_t value) {
  return value == UINT64_MAX ? std::string("unlimited") : concat(value);
}

[[noreturn]] void throw_refused(const Rlimit& limit, const std::string& path, int error_number) {
  if (error_number == EINVAL)
    throw Error(concat(path, ": soft limit ", limit_text(limit.soft), " is above hard limit ",
                       limit_text(limit.hard)),
                EINVAL);
  if (error_number != EPERM) throw Error(concat(path, ": set the limit"), error_number);
  const sys::Result<sys::ResourceLimit> now = sys::get_resource_limit(0, limit.resource);
  const std::string allowed = now ? limit_text((*now).hard) : std::string("the inherited one");
  throw Error(concat(path, ": raising the hard limit to ", limit_text(limit.hard),
                     " needs CAP_SYS_RESOURCE (and no more than /proc/sys/fs/nr_open for "
                     "RLIMIT_NOFILE); without it at most ",
                     allowed),
              EPERM);
}

}  // namespace

void raise_hard_limits(const std::vector<Rlimit>& limits, pid_t pid) {
  for (const Rlimit& limit : limits) {
    const sys::Result<sys::ResourceLimit> now = sys::get_resource_limit(pid, limit.resource);
    if (!now || limit.hard <= (*now).hard) continue;
    sys::set_resource_limit(pid, limit.resource, {(*now).soft, limit.hard})
        .ignore("apply_rlimits() reports it with the reason");
  }
}

void apply_rlimits(const std::vector<Rlimit>& limits) {
  for (std::size_t i = 0; i < limits.size(); ++i) {
    const Rlimit& limit = limits[i];
    const sys::Result<void> done =
        sys::set_resource_limit(0, limit.resource, {limit.soft, limit.hard});
    if (!done)
      throw_refused(limit, concat("process.rlimits[", i, "] (", limit.type, ")"), done.error());
  }
}

}  // namespace brig::isolate
