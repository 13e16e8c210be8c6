// The one error type of brig.
//
// Above the `sys` layer every failure is an Error. It carries the cause, the errno where there was
// one, and a chain of contexts added while the exception travels up, outermost first when printed:
//
//     mounts[3] /proc: mount proc on /proc: operation not permitted
//
// Callers of container runtimes show one line to people, so what() is exactly one line and says
// everything: operation, object, cause, and the remedy where it is known. Nothing is logged *and*
// thrown.
#pragma once

#include <exception>
#include <string>
#include <string_view>
#include <utility>

namespace brig {

// The text of an errno as callers of runc match it: strerror(3) with a lower-case first letter.
std::string errno_text(int error_number);

class Error : public std::exception {
 public:
  // `message` says operation, object and cause. When `error_number` is not 0, ": " and its text are
  // appended; then ": " and `detail` (a closer cause, or the remedy) when that is not empty.
  explicit Error(std::string message, int error_number = 0, std::string_view detail = {});

  // For a line that is complete already, the text of the errno included.
  struct CompleteLine {};
  Error(CompleteLine, std::string line, int error_number);

  // Puts "context: " in front of the line.
  void add_context(std::string_view context);

  // The errno that caused the failure, or 0 when it was no system call.
  [[nodiscard]] int error_number() const noexcept { return error_number_; }

  [[nodiscard]] const char* what() const noexcept override { return line_.c_str(); }

 private:
  std::string line_;
  int error_number_;
};

// Runs `body` and returns its result; an Error that leaves it gains "context: " in front. `context`
// is a callable that returns the text, so that it costs nothing when there is no error.
template <class Context, class Body>
decltype(auto) with_context(Context&& context, Body&& body) {
  try {
    return std::forward<Body>(body)();
  } catch (Error& error) {
    error.add_context(std::forward<Context>(context)());
    throw;
  }
}

}  // namespace brig
