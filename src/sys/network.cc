#include "sys/network.h"

#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cstring>

#include "sys/fd.h"

namespace brig::sys {

Result<void> bring_up_loopback() {
  const OwnFd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!socket) return Result<void>::last_error();
  ifreq request = {};
  std::strcpy(request.ifr_name, "lo");
  request.ifr_flags = IFF_UP;
  return Result<void>::of(::ioctl(socket.get(), SIOCSIFFLAGS, &request));
}

}  // namespace brig::sys
