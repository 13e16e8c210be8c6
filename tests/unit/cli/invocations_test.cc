// What engines really call: every line of tests/corpus/invocations.txt must be understood.
#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <string>

#include "cli/globals.h"
#include "parsed.h"

using namespace brig::cli;

namespace {

// The words of `line`, separated by single blanks.
std::vector<std::string> words_of(const std::string& line) {
  std::vector<std::string> words;
  std::size_t start = 0;
  while (start <= line.size()) {
    const std::size_t end = std::min(line.find(' ', start), line.size());
    words.push_back(line.substr(start, end - start));
    start = end + 1;
  }
  return words;
}

}  // namespace

TEST_CASE("every recorded call of an engine is understood") {
  std::ifstream file(BRIG_TEST_DIR "/corpus/invocations.txt");
  REQUIRE(file);
  std::string line;
  int count = 0;
  while (std::getline(file, line)) {
    const std::size_t start = line.find(" :: ");
    REQUIRE_MESSAGE(start != std::string::npos, line);
    const std::vector<std::string> words = words_of(line.substr(start + 4));
    ++count;
    CHECK_MESSAGE(usage_error([&] {
                    const Arguments arguments = parsed(words);
                    runtime_options(arguments);
                    log_settings(arguments);
                    // Nothing is taken for an operand that should have been an option's value.
                    if (arguments.command() != nullptr)
                      for (const std::string& operand : arguments.operands())
                        CHECK_MESSAGE(operand.find('/') == std::string::npos, line);
                  }) == "(accepted)",
                  line);
  }
  CHECK(count > 100);
}

TEST_CASE("what containerd's go-runc can add is understood") {
  const char* lines[] = {
      "--root=/r --debug --log=/l --log-format=json --systemd-cgroup --rootless=true list "
      "--format=json",
      "--criu /usr/sbin/criu --root /r state c",
      "restore -no-subreaper --detach --image-path /i --work-path /w --bundle /b --pid-file /p c",
      "restore --no-pivot --manage-cgroups-mode soft --empty-ns network --auto-dedup --lazy-pages "
      "c",
      "restore --tcp-established --tcp-close --file-locks --lsm-profile=selinux:L "
      "--lsm-mount-context=L --network-lock skip c",
      "checkpoint --work-path /w --image-path /i --tcp-established --tcp-skip-in-flight "
      "--link-remap --ext-unix-sk --shell-job --file-locks --empty-ns network --parent-path ../p "
      "--leave-running --pre-dump --lazy-pages --status-fd 3 --page-server 1.2.3.4:5 c",
      "create --bundle /b --pid-file /p --console-socket /s --pidfd-socket /t --no-pivot "
      "--no-new-keyring --preserve-fds 3 --config /c --no-subreaper c",
      "run --bundle /b --no-pivot --keep --detach --no-subreaper c",
      "exec --process /p --console-socket /s --detach --pid-file /f --tty --preserve-fds 2 "
      "--cgroup sub --ignore-paused --pidfd-socket /s --no-new-privs=false c",
      "kill --all c 9",
      "kill -a c KILL",
      "kill --regex ^c 15",
      "delete --regex --force ^c",
      "events --stats c",
      "events --interval=5s c",
      "ps --format json c",
      "update --resources=- c",
      "update --cpu-share 5 --memory 1g --kernel-memory=1 --kernel-memory-tcp 1 c",
      "--cgroup-manager disabled create --bundle /b c",
      "spec --rootless --bundle /b --file x.json",
  };
  for (const char* line : lines)
    CHECK_MESSAGE(usage_error([&] { parsed(words_of(line)); }) == "(accepted)", line);
}
