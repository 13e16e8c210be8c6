// What every wrapper of a system call returns: a value, or the errno.
//
// `sys` never throws and never prints. The caller decides: handle the errno it expects, throw the
// rest with words (`or_throw`), or say why the failure does not matter (`ignore`). Dropping a
// Result is a compile error.
#pragma once

#include <cerrno>
#include <optional>
#include <utility>

#include "base/concat.h"
#include "brig/error.h"

namespace brig::sys {

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value)
      : value_(std::move(value)) {}  // NOLINT(google-explicit-constructor): reads as `return fd;`

  // A failure with `error_number` (not 0).
  static Result failure(int error_number) { return Result(Failure{error_number}); }
  // A failure with the calling thread's errno.
  static Result last_error() { return failure(errno); }

  [[nodiscard]] explicit operator bool() const noexcept { return value_.has_value(); }
  // 0 on success, else the errno.
  [[nodiscard]] int error() const noexcept { return error_; }

  [[nodiscard]] T& operator*() & { return *value_; }
  [[nodiscard]] const T& operator*() const& { return *value_; }
  [[nodiscard]] T&& operator*() && { return std::move(*value_); }
  [[nodiscard]] T* operator->() { return &*value_; }
  [[nodiscard]] const T* operator->() const { return &*value_; }

  // The value; a failure becomes an Error "pieces...: errno text".
  template <class... Pieces>
  T or_throw(const Pieces&... pieces) && {
    if (!value_) throw Error(concat(pieces...), error_);
    return std::move(*value_);
  }

  // Goes on whatever happened; `reason` is for the reader.
  void ignore([[maybe_unused]] const char* reason) const noexcept {}

 private:
  struct Failure {
    int error_number;
  };
  explicit Result(Failure failure) : error_(failure.error_number) {}

  std::optional<T> value_;
  int error_ = 0;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;

  static Result failure(int error_number) { return Result(error_number); }
  static Result last_error() { return failure(errno); }
  // For calls that return -1 and set errno.
  static Result of(long returned) { return returned < 0 ? last_error() : Result(); }

  [[nodiscard]] explicit operator bool() const noexcept { return error_ == 0; }
  [[nodiscard]] int error() const noexcept { return error_; }

  template <class... Pieces>
  void or_throw(const Pieces&... pieces) const {
    if (error_ != 0) throw Error(concat(pieces...), error_);
  }

  void ignore([[maybe_unused]] const char* reason) const noexcept {}

 private:
  explicit Result(int error_number) : error_(error_number) {}
  int error_ = 0;
};

}  // namespace brig::sys
