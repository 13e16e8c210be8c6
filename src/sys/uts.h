// What uname(2) reports: host name, domain name and the execution domain.
#pragma once

#include <string>

#include "sys/result.h"

namespace brig::sys {

// sethostname(2), setdomainname(2): at most 64 bytes, else EINVAL.
Result<void> set_host_name(const std::string& name);
Result<void> set_domain_name(const std::string& name);

// personality(2): PER_LINUX, PER_LINUX32 and flags.
Result<void> set_personality(unsigned long persona);

}  // namespace brig::sys
