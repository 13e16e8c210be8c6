#include "sys/uts.h"

#include <sys/personality.h>
#include <unistd.h>

namespace brig::sys {

Result<void> set_host_name(const std::string& name) {
  return Result<void>::of(::sethostname(name.data(), name.size()));
}

Result<void> set_domain_name(const std::string& name) {
  return Result<void>::of(::setdomainname(name.data(), name.size()));
}

Result<void> set_personality(unsigned long persona) {
  return Result<void>::of(::personality(persona));
}

}  // namespace brig::sys
