#include "isolate/uts.h"

#include "sys/uts.h"

namespace brig::isolate {

void set_host_names(const Config& config) {
  if (!config.hostname.empty())
    sys::set_host_name(config.hostname).or_throw("hostname: set \"", config.hostname, "\"");
  if (!config.domainname.empty())
    sys::set_domain_name(config.domainname).or_throw("domainname: set \"", config.domainname, "\"");
}

void set_personality(const Personality& personality) {
  sys::set_personality(static_cast<unsigned long>(personality.domain))
      .or_throw("linux.personality: set domain ", personality.domain);
}

}  // namespace brig::isolate
