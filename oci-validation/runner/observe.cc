// What a case looks at, from inside and outside, and what it changes between the runtime's
// operations.
#include <dirent.h>
#include <poll.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <sstream>

#include "agent.h"
#include "files.h"
#include "match.h"
#include "session.h"

namespace kit {
namespace {

constexpr std::array kFactsAbout = {"sysctl", "files",         "list",    "read",
                                    "write",  "device_access", "syscalls"};

std::string trimmed(std::string text) {
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

}  // namespace

std::vector<std::string> probe_words(const Value& see) {
  std::vector<std::string> words;
  for (const Member& member : see.members()) {
    if (member.name == "of") continue;
    const bool about =
        std::find(kFactsAbout.begin(), kFactsAbout.end(), member.name) != kFactsAbout.end();
    if (!about) {
      words.push_back(member.name);
      continue;
    }
    for (const Member& subject : member.value.members()) {
      words.push_back(member.name + "=" + subject.name);
    }
  }
  return words;
}

void Session::compare(const Value& expected, const Value& seen, const std::string& where) const {
  const std::vector<std::string> lines = differences(expected, &seen, where);
  if (!lines.empty()) throw Failure(lines);
}

// What the container's process printed first.
void Session::step_see(const Value& what) {
  Container& container = container_of(what);
  Value expected = what;
  expected.remove("of");
  if (container.facts.is_null()) {
    container.facts =
        parse_json(read_line(container.output, container.buffer, deadline(), "its facts"));
  }
  compare(expected, container.facts, "");
}

// The next line that it prints.
void Session::step_line(const Value& what) {
  Container& container = container_of(what);
  Value expected = what;
  expected.remove("of");
  compare(expected, parse_json(read_line(container.output, container.buffer, deadline(), "a line")),
          "");
}

// The probe again, but here, in the runtime's namespaces.
void Session::step_outside(const Value& what) {
  Command command{.words = {setup_.probe}};
  const std::vector<std::string> words = probe_words(what);
  command.words.insert(command.words.end(), words.begin(), words.end());
  const Finished finished = run_command(command, deadline());
  compare(what, parse_json(finished.output), "");
}

// cgroup: {FILE: EXPECTATION}: the container's own; exists: false when there shall be none.
void Session::step_cgroup(const Value& what) {
  const std::string folder = std::string(kCgroupMount) + cgroup_path_;
  Value seen = Value::make_object();
  for (const Member& member : what.members()) {
    const std::string path = folder + "/" + member.name;
    if (member.name == "exists") {
      seen["exists"] = {std::filesystem::exists(folder), {}};
    } else if (std::filesystem::exists(path)) {
      seen[member.name] = Value::make_text(trimmed(read_file(path)));
    }
  }
  compare(what, seen, "cgroup");
}

// Until the container's process has ended; wait: {exit: N} says how.
void Session::step_wait(const Value& what) {
  Container& container = container_of(what);
  int status = -1;
  if (!wait_for_end(container.pid, deadline(), &status)) {
    throw Failure("the container's process does not end");
  }
  if (const Value* exit = what.find("exit"); exit != nullptr && status != exit->as_number()) {
    throw Failure("its process ended with " + std::to_string(status) + ", expected " +
                  exit->as_text());
  }
}

// log: [NAME or what its line has, ...]: the hooks that ran, in their order. Each is a probe that
// wrote a line; the state that it got is the member `state`.
void Session::step_log(const Value& what) {
  std::istringstream lines(read_file(bundle_ + "/rootfs/log"));
  Value seen = Value::make_array();
  for (std::string line; std::getline(lines, line);) {
    Value entry = parse_json(line);
    const Value* input = entry.find("stdin");
    if (input != nullptr && !input->text().empty()) entry["state"] = parse_json(input->text());
    seen.items().push_back(entry);
  }
  Value expected = Value::make_array();
  for (const Value& item : what.items()) {
    Value entry = item;
    if (item.is_text()) {
      entry = Value::make_object();
      entry["hook"] = item;
    }
    expected.items().push_back(entry);
  }
  Value names = Value::make_array();
  for (const Value& entry : seen.items()) names.items().push_back(*entry.find("hook"));
  if (seen.items().size() != expected.items().size()) {
    throw Failure("expected " + std::to_string(expected.items().size()) + " hooks, ran " +
                  to_json(names));
  }
  for (std::size_t i = 0; i < seen.items().size(); i++) {
    compare(expected.items()[i], seen.items()[i], "hook " + std::to_string(i + 1));
  }
}

// Processes but the caller, its holder and what reads this: "" when there are none before `until`.
std::string Session::unexpected_processes(Clock::time_point until) const {
  std::string names;
  while (waitpid(-1, nullptr, WNOHANG) > 0) {
  }
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const pid_t pid = atoi(entry.path().filename().c_str());
    if (pid <= 1 || pid == holder_) continue;
    int status = 0;
    if (wait_for_end(pid, until, &status)) continue;
    names += " " + std::to_string(pid) + " (" +
             trimmed(read_file("/proc/" + std::to_string(pid) + "/comm")) + ")";
  }
  return names;
}

// left: nothing - the runtime has no container, and its environment is as it was: cgroups, mounts,
// processes. Processes that are dying get a second for it.
void Session::step_left(const Value& what) {
  if (!what.is_text() || what.text() != "nothing") throw KitError("left: nothing");
  std::vector<std::string> lines;
  const Finished state = run_command(setup_.runtime.command({"state", id_}), deadline());
  if (state.status == 0) lines.push_back("the container is still known: " + state.output);
  const std::string folder = setup_.runtime.root + "/" + id_;
  if (std::filesystem::exists(folder)) lines.push_back("there still is " + folder);
  const std::string processes =
      unexpected_processes(std::min(deadline(), Clock::now() + std::chrono::seconds(1)));
  if (!processes.empty()) lines.push_back("processes are left:" + processes);
  const std::string cgroup = std::string(kCgroupMount) + cgroup_path_;
  if (std::filesystem::exists(cgroup)) lines.push_back("the cgroup is left: " + cgroup);
  if (read_file("/proc/self/mountinfo") != mounts_before_) {
    lines.emplace_back("mounts are left in the runtime's mount namespace");
  }
  if (!lines.empty()) throw Failure(lines);
}

// config: PATCH - config.json on disk changes now.
void Session::step_config(const Value& what) {
  config_ = merge_patch(config_, what);
  write_config(config_);
}

// files: as the case's `host`.
void Session::step_files(const Value& what) { make_files(folder_ + "/host", what, setup_.probe); }

// agent: what the runtime sent to the seccomp agent (agent.h).
void Session::step_agent(const Value& what) { compare(what, hear_agent(agent_, deadline()), ""); }

// unmount: PATH in the folder `host`.
void Session::step_unmount(const Value& what) {
  umount2((folder_ + "/host/" + what.text()).c_str(), MNT_DETACH);
}

}  // namespace kit
