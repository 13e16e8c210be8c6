#include "container/hooks.h"

#include <doctest/doctest.h>

#include <chrono>
#include <csignal>

#include "brig/error.h"
#include "tests/unit/scratch_folder.h"

using namespace brig;
using container::HookContext;
using container::run_hooks;
using test::ScratchFolder;

namespace {

Hook shell(const std::string& script, std::optional<std::int64_t> timeout = {}) {
  Hook hook;
  hook.path = "/bin/sh";
  hook.args = {"hook", "-c", script};
  hook.timeout = timeout;
  return hook;
}

std::string failure_of(const std::vector<Hook>& hooks, HookContext context = {}) {
  context.kind = "createRuntime";
  try {
    run_hooks(hooks, context);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

std::string contents(const std::string& path) {
  return sys::read_file_at(AT_FDCWD, path).or_throw("read ", path);
}

}  // namespace

TEST_CASE("hooks run in order with the state on standard input, in their folder") {
  const ScratchFolder scratch;
  HookContext context;
  context.kind = "prestart";
  context.state = R"({"id":"x"})";
  context.cwd = scratch.path();
  run_hooks({shell("cat > state; pwd > folder"), shell("cat state state > twice")}, context);
  CHECK(contents(scratch.path("state")) == R"({"id":"x"})");
  CHECK(contents(scratch.path("twice")) == R"({"id":"x"}{"id":"x"})");
  CHECK(contents(scratch.path("folder")) == scratch.path() + "\n");
}

TEST_CASE("a state of any size reaches the hook, and may be left unread") {
  const ScratchFolder scratch;
  for (const std::size_t size : {65'536U, 65'537U, 1'000'000U, 3'000'000U}) {
    CAPTURE(size);
    HookContext context;
    context.state.assign(size, 's');
    context.cwd = scratch.path();
    CHECK(failure_of({shell("wc -c > size"), shell("true")}, context).empty());
    CHECK(std::stoul(contents(scratch.path("size"))) == size);
  }
}

TEST_CASE("the first failure stops the rest and shows what the hook wrote") {
  const ScratchFolder scratch;
  HookContext context;
  context.cwd = scratch.path();
  CHECK(failure_of({shell("true"), shell("echo out; echo 'no network' >&2; exit 3"),
                    shell("touch reached")},
                   context) ==
        "hooks.createRuntime[1] (/bin/sh): error running createRuntime hook #1: exit status 3: "
        "out; no network");
  CHECK_FALSE(sys::stat_at(AT_FDCWD, scratch.path("reached")));
  CHECK(failure_of({shell("kill -TERM $$")}) ==
        "hooks.createRuntime[0] (/bin/sh): error running createRuntime hook #0: killed by signal "
        "SIGTERM");
}

TEST_CASE("only the end of a long output is shown") {
  const std::string text =
      failure_of({shell("i=0; while [ $i -lt 30000 ]; do echo line-$i; i=$((i+1)); done; exit 1")});
  CHECK(text.ends_with("; line-29998; line-29999"));
  CHECK(text.size() < 6000);
}

TEST_CASE("a hook that cannot be executed says why") {
  const ScratchFolder scratch;
  Hook missing;
  missing.path = scratch.path("none");
  CHECK(failure_of({missing}) == "hooks.createRuntime[0] (" + missing.path +
                                     "): error running createRuntime hook #0: exec: \"" +
                                     missing.path + "\": no such file or directory");
  Hook script;
  script.path = scratch.file("hook", "#!/bin/sh\r\n");
  CHECK(failure_of({script}).find("Windows line ends") != std::string::npos);
}

TEST_CASE("a hook that takes too long is killed with all it started") {
  const ScratchFolder scratch;
  HookContext context;
  context.cwd = scratch.path();
  const auto start = std::chrono::steady_clock::now();
  CHECK(failure_of({shell("echo waiting; (sleep 2; touch late) & sleep 60", 1)}, context) ==
        "hooks.createRuntime[0] (/bin/sh): error running createRuntime hook #0: hook ran past "
        "specified timeout of 1.0s: waiting");
  CHECK(seconds_since(start) < 10);
  CHECK(failure_of({shell("sleep 1.5")}, context).empty());
  CHECK_FALSE(sys::stat_at(AT_FDCWD, scratch.path("late")));
}

TEST_CASE("a background process that keeps the output open is not waited for") {
  const auto start = std::chrono::steady_clock::now();
  CHECK(failure_of({shell("sleep 5 & true")}).empty());
  CHECK(failure_of({shell("yes & sleep 0.1; kill $!; exit 0")}).empty());
  CHECK(seconds_since(start) < 4);
}

TEST_CASE("a hook has its own environment, or the one to inherit, or the caller's") {
  const ScratchFolder scratch;
  HookContext context;
  context.cwd = scratch.path();
  Hook own = shell("echo \"$A-$B\" > own");
  own.env = {"A=1"};
  const std::vector<std::string> inherited = {"B=2"};
  context.inherited_env = &inherited;
  CHECK(failure_of({own, shell("echo \"$A-$B\" > inherited")}, context).empty());
  CHECK(contents(scratch.path("own")) == "1-\n");
  CHECK(contents(scratch.path("inherited")) == "-2\n");
  context.inherited_env = nullptr;
  REQUIRE(::setenv("BRIG_TEST_VARIABLE", "here", 1) == 0);
  CHECK(failure_of({shell("echo $BRIG_TEST_VARIABLE > caller")}, context).empty());
  CHECK(contents(scratch.path("caller")) == "here\n");
}

TEST_CASE("a hook has the standard descriptors only and default signals") {
  const ScratchFolder scratch;
  HookContext context;
  context.cwd = scratch.path();
  const sys::OwnFd leak = sys::open_at(AT_FDCWD, "/dev/null", O_RDONLY).or_throw("open");
  sys::set_close_on_exec(leak.get(), false).or_throw("leak");
  sigset_t blocked;
  sigset_t before;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGTERM);
  sigprocmask(SIG_BLOCK, &blocked, &before);
  const auto old = ::signal(SIGPIPE, SIG_IGN);
  Hook look = shell("");
  look.args = {"sh", "-c",
               "ls -x /proc/self/fd > fds; grep -E 'Sig(Blk|Ign)' /proc/self/status > s"};
  const std::string failure = failure_of({look}, context);
  ::signal(SIGPIPE, old);
  sigprocmask(SIG_SETMASK, &before, nullptr);
  CHECK(failure.empty());
  // 3 is the folder that `ls` itself reads.
  CHECK(contents(scratch.path("fds")) == "0  1  2  3\n");
  CHECK(contents(scratch.path("s")) == "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n");
}

TEST_CASE("annotations send what hooks write to files") {
  const ScratchFolder scratch;
  const std::string out = scratch.file("out", "before\n");
  const container::HookOutputs outputs = container::open_hook_outputs(
      {{"run.oci.hooks.stdout", out}, {"run.oci.hooks.stderr", scratch.path("err")}, {"x", "y"}});
  HookContext context;
  context.outputs = &outputs;
  CHECK(failure_of({shell("echo one; echo two >&2"), shell("echo three")}, context).empty());
  CHECK(contents(out) == "before\none\nthree\n");
  CHECK(contents(scratch.path("err")) == "two\n");
  CHECK_THROWS_WITH_AS(
      container::open_hook_outputs({{"run.oci.hooks.stderr", "/nonexistent/file"}}),
      "annotations[\"run.oci.hooks.stderr\"]: open /nonexistent/file: no such file or directory",
      Error);
}

TEST_CASE("poststop hooks all run, each failure is one line") {
  const ScratchFolder scratch;
  HookContext context;
  context.kind = "poststop";
  context.cwd = scratch.path("gone");
  const std::vector<std::string> failures = container::run_all_hooks(
      {shell("exit 1"), shell("touch " + scratch.path("reached")), shell("exit 2")}, context);
  REQUIRE(failures.size() == 2);
  CHECK(failures[0] ==
        "hooks.poststop[0] (/bin/sh): error running poststop hook #0: exit status 1");
  CHECK(failures[1].starts_with("hooks.poststop[2] (/bin/sh): "));
  CHECK(sys::stat_at(AT_FDCWD, scratch.path("reached")));
}
