#include "sys/seccomp.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstring>
#include <limits>
#include <vector>

#include "sys/socket.h"

namespace brig::sys {

namespace {

// A copy of a program, because a string has no alignment to rely on.
class Program {
 public:
  explicit Program(std::string_view bytes) : instructions_(bytes.size() / sizeof(sock_filter)) {
    std::memcpy(instructions_.data(), bytes.data(), instructions_.size() * sizeof(sock_filter));
  }

  // The listener with NEW_LISTENER in `flags`.
  Result<int> install(unsigned flags) {
    if (instructions_.size() > std::numeric_limits<unsigned short>::max())
      return Result<int>::failure(E2BIG);
    const sock_fprog filter = {static_cast<unsigned short>(instructions_.size()),
                               instructions_.data()};
    const long returned = ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &filter);
    if (returned < 0) return Result<int>::last_error();
    return static_cast<int>(returned);
  }

 private:
  std::vector<sock_filter> instructions_;
};

}  // namespace

Result<void> install_seccomp_filter(std::string_view program, unsigned flags) {
  const Result<int> installed = Program(program).install(flags);
  return installed ? Result<void>() : Result<void>::failure(installed.error());
}

Result<FilterPass> make_filter_pass() {
  FilterPass pass;
  if (::getrandom(pass.words.data(), sizeof pass.words, 0) != sizeof pass.words)
    return Result<FilterPass>::last_error();
  return pass;
}

Result<void> install_notifying_filter(std::string_view program, unsigned flags,
                                      const ListenerDelivery& delivery) {
  // All memory is taken before and given back after: either may need a system call.
  Program copy(program);
  OutgoingMessage message(delivery.message);
  const std::array<unsigned long, 3>& pass = delivery.pass.words;
  const Result<int> listener = copy.install(flags | SECCOMP_FILTER_FLAG_NEW_LISTENER);
  if (!listener) return Result<void>::failure(listener.error());
  message.attach(*listener);
  const Result<void> sent = Result<void>::of(::syscall(
      SYS_sendmsg, delivery.socket, message.header(), kSendFlags, pass[0], pass[1], pass[2]));
  ::syscall(SYS_close, *listener, 0L, 0L, pass[0], pass[1], pass[2]);
  return sent;
}

bool seccomp_flag_known(unsigned flag) {
  return ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flag, nullptr) < 0 && errno == EFAULT;
}

}  // namespace brig::sys
