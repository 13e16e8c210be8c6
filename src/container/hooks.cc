#include "container/hooks.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstring>
#include <iterator>
#include <optional>

#include "base/concat.h"
#include "brig/error.h"
#include "container/program.h"
#include "sys/exec.h"
#include "sys/file.h"
#include "sys/process.h"
#include "sys/signal.h"

namespace brig::container {

namespace {

using Clock = std::chrono::steady_clock;

// How much of a hook's output an error shows.
constexpr std::size_t kOutputShown = 4096;
// What a hook gets after a signal, and the kernel after SIGKILL.
constexpr std::chrono::seconds kDeathPatience(10);
// Timeouts beyond this are no limit anyone waits for; they would overflow the clock.
constexpr std::int64_t kLongestTimeout = 365L * 24 * 3600;

// The end of what a hook wrote, read from a pipe without ever blocking.
class OutputTail {
 public:
  explicit OutputTail(sys::OwnFd pipe) : pipe_(std::move(pipe)) {}

  // -1 once the writers have closed it: poll(2) then leaves it out.
  [[nodiscard]] int fd() const { return pipe_.get(); }

  // Reads one block: the caller must get back to its deadline even when a background process writes
  // as fast as it is read.
  void drain() {
    char block[4096];
    if (!pipe_) return;
    ssize_t got;
    do {
      got = ::read(pipe_.get(), block, sizeof block);
    } while (got < 0 && errno == EINTR);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) {
      pipe_.reset();
      return;
    }
    text_.append(block, static_cast<std::size_t>(got));
    if (text_.size() > kOutputShown) text_.erase(0, text_.size() - kOutputShown);
  }

  // One line: line ends become "; ".
  [[nodiscard]] std::string line() const {
    std::string line;
    for (const char letter : text_) {
      if (letter != '\n')
        line.push_back(letter);
      else if (!line.empty() && !line.ends_with("; "))
        line += "; ";
    }
    if (line.ends_with("; ")) line.resize(line.size() - 2);
    return line;
  }

 private:
  sys::OwnFd pipe_;
  std::string text_;
};

// A descriptor from which `state` can be read to its end.
sys::OwnFd state_input(const std::string& state) {
  auto [reader, writer] = sys::make_pipe().or_throw("make a pipe for the state");
  sys::set_non_blocking(writer.get()).or_throw("make a pipe for the state");
  // Best effort: what does not fit shows in the write.
  if (state.size() > 65536) ::fcntl(writer.get(), F_SETPIPE_SZ, static_cast<int>(state.size()));
  if (::write(writer.get(), state.data(), state.size()) == static_cast<ssize_t>(state.size()))
    return std::move(reader);
  sys::OwnFd file =
      sys::sealed_memory_file("hook-state", state).or_throw("make a memory file for the state");
  ::lseek(file.get(), 0, SEEK_SET);
  return file;
}

std::string signal_name(int number) {
  const char* name = sigabbrev_np(number);
  return name == nullptr ? concat("signal ", number) : concat("signal SIG", name);
}

std::string cause_of(const sys::ExitStatus& status) {
  if (status.signal == 0) return concat("exit status ", status.code);
  return concat("killed by ", signal_name(status.signal));
}

// A hook that runs.
class RunningHook {
 public:
  RunningHook(sys::ChildProcess child, sys::OwnFd output, const Hook& hook, int end_signals)
      : child_(std::move(child)),
        output_(std::move(output)),
        hook_(hook),
        end_signals_(end_signals) {
    if (hook.timeout)
      deadline_ = Clock::now() + std::chrono::seconds(std::min(*hook.timeout, kLongestTimeout));
  }

  // Returns when it has ended as it should.
  void wait() {
    const bool ended = wait_for_end();
    if (!ended) kill();
    const sys::ExitStatus status =
        sys::wait_for_exit(child_.pidfd.get()).or_throw("wait for the hook");
    if (interruption_ != 0)
      throw Error(concat("interrupted by ", signal_name(interruption_)), 0, output_.line());
    if (!ended) throw Error(late(), 0, output_.line());
    if (status.shell_status() != 0) throw Error(cause_of(status), 0, output_.line());
  }

 private:
  // Waits until it has ended or the deadline passed, whichever is first; true: it has ended.
  bool wait_for_end() {
    for (;;) {
      int wait_ms = -1;
      if (deadline_) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(*deadline_ - Clock::now());
        wait_ms = static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 1'000'000'000));
      }
      pollfd watch[3] = {
          {child_.pidfd.get(), POLLIN, 0}, {output_.fd(), POLLIN, 0}, {end_signals_, POLLIN, 0}};
      const int ready = ::poll(watch, std::size(watch), wait_ms);
      if (ready < 0 && errno != EINTR) throw Error("wait for the hook", errno);
      if (ready < 0) continue;
      if (watch[1].revents != 0) output_.drain();
      if (watch[0].revents != 0) {
        // What it wrote before its end is in the pipe: at most the pipe's size.
        for (int block = 0; block < 16; ++block) output_.drain();
        return true;
      }
      if (watch[2].revents != 0) pass_on_signal();
      if (deadline_ && Clock::now() >= *deadline_) return false;
    }
  }

  void pass_on_signal() {
    const std::optional<int> signal = sys::take_end_signal(end_signals_);
    if (!signal) return;
    sys::signal_process_group(child_.pid, *signal).ignore("it may just have ended");
    const Clock::time_point patience = Clock::now() + kDeathPatience;
    if (interruption_ == 0) deadline_ = std::min(deadline_.value_or(patience), patience);
    interruption_ = *signal;
  }

  void kill() {
    sys::signal_process_group(child_.pid, SIGKILL).ignore("it may just have ended");
    if (!sys::wait_until_dead(child_.pidfd.get(), kDeathPatience).or_throw("wait for the hook"))
      throw Error(concat(
          interruption_ != 0 ? concat("interrupted by ", signal_name(interruption_)) : late(),
          ", and process ", child_.pid, " does not end after SIGKILL"));
  }

  [[nodiscard]] std::string late() const {
    return concat("hook ran past specified timeout of ", *hook_.timeout, ".0s");
  }

  sys::ChildProcess child_;
  OutputTail output_;
  const Hook& hook_;
  int end_signals_;
  int interruption_ = 0;
  std::optional<Clock::time_point> deadline_;
};

// Where the hook starts. A bundle that is gone (poststop of a damaged container) is no reason not
// to run it.
sys::OwnFd open_start_folder(const std::string& cwd) {
  if (cwd.empty()) return {};
  sys::Result<sys::OwnFd> folder = sys::open_at(AT_FDCWD, cwd, O_PATH | O_DIRECTORY);
  if (!folder && folder.error() == ENOENT) return {};
  return std::move(folder).or_throw("open directory ", cwd);
}

sys::ChildProcess start_hook(const Hook& hook, const HookContext& context, int capture) {
  const sys::OwnFd input = state_input(context.state);
  const sys::OwnFd folder = open_start_folder(context.cwd);
  const auto file_or_capture = [&](sys::OwnFd HookOutputs::*which) {
    return context.outputs != nullptr && context.outputs->*which ? (context.outputs->*which).get()
                                                                 : capture;
  };
  sys::SpawnOptions options;
  options.path = hook.path;
  options.args = hook.args.empty() ? std::vector{hook.path} : hook.args;
  options.env = hook.env.empty() ? context.inherited_env : &hook.env;
  options.directory = folder.get();
  options.input = input.get();
  options.output = file_or_capture(&HookOutputs::output);
  options.error = file_or_capture(&HookOutputs::error);
  sys::Result<sys::ChildProcess> child = sys::spawn(options);
  if (!child) {
    std::string detail = explain_failed_exec(hook.path, child.error());
    if (detail.empty() && context.kind == std::string_view("startContainer"))
      detail = "it is looked for in the container's root file system";
    throw Error(concat("exec: \"", hook.path, "\""), child.error(), detail);
  }
  return *std::move(child);
}

void run_hook(const Hook& hook, const HookContext& context) {
  std::optional<sys::BlockEndSignals> blocked;
  sys::OwnFd end_signals;
  if (context.interruptible) {
    blocked.emplace();
    end_signals = sys::open_end_signals().or_throw("open a signalfd");
  }
  auto [reader, writer] = sys::make_pipe().or_throw("make a pipe for the hook's output");
  sys::set_non_blocking(reader.get()).or_throw("make a pipe for the hook's output");
  sys::ChildProcess child = start_hook(hook, context, writer.get());
  writer.reset();
  RunningHook(std::move(child), std::move(reader), hook, end_signals.get()).wait();
}

std::string name_of(const Hook& hook, std::size_t index, const char* kind) {
  return concat("hooks.", kind, "[", index, "] (", hook.path, "): error running ", kind, " hook #",
                index);
}

}  // namespace

HookOutputs open_hook_outputs(const std::map<std::string, std::string>& annotations) {
  HookOutputs outputs;
  const auto open_named = [&](const char* annotation, sys::OwnFd& fd) {
    const auto found = annotations.find(annotation);
    if (found == annotations.end()) return;
    fd = sys::open_at(AT_FDCWD, found->second, O_WRONLY | O_CREAT | O_APPEND | O_NOCTTY, 0600)
             .or_throw("annotations[\"", annotation, "\"]: open ", found->second);
  };
  open_named("run.oci.hooks.stdout", outputs.output);
  open_named("run.oci.hooks.stderr", outputs.error);
  return outputs;
}

void run_hooks(const std::vector<Hook>& hooks, const HookContext& context) {
  for (std::size_t i = 0; i < hooks.size(); ++i)
    with_context([&] { return name_of(hooks[i], i, context.kind); },
                 [&] { run_hook(hooks[i], context); });
}

std::vector<std::string> run_all_hooks(const std::vector<Hook>& hooks, const HookContext& context) {
  std::vector<std::string> failures;
  for (std::size_t i = 0; i < hooks.size(); ++i) {
    try {
      run_hook(hooks[i], context);
    } catch (Error& error) {
      error.add_context(name_of(hooks[i], i, context.kind));
      failures.emplace_back(error.what());
    }
  }
  return failures;
}

}  // namespace brig::container
