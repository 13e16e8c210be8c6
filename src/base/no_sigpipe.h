// Writing to pipes whose readers may be gone.
#pragma once

#include <csignal>

namespace brig {

// While it lives, a write to a pipe without a reader fails with EPIPE and kills nobody. It undoes
// what it does to this thread's signals, so that a library may use it.
class [[nodiscard]] NoSigpipe {
 public:
  NoSigpipe() noexcept;
  NoSigpipe(const NoSigpipe&) = delete;
  NoSigpipe& operator=(const NoSigpipe&) = delete;
  ~NoSigpipe();

 private:
  sigset_t previous_;
  bool was_pending_;
};

}  // namespace brig
