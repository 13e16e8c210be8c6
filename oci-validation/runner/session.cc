#include "session.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "agent.h"
#include "files.h"
#include "match.h"
#include "needs.h"

namespace kit {
namespace {

struct Kind {
  const char* name;  // as in config.json
  const char* file;  // in /proc/PID/ns
  int flag;
};
constexpr Kind kNamespaces[] = {
    {"cgroup", "cgroup", CLONE_NEWCGROUP}, {"ipc", "ipc", CLONE_NEWIPC},
    {"mount", "mnt", CLONE_NEWNS},         {"network", "net", CLONE_NEWNET},
    {"pid", "pid", CLONE_NEWPID},          {"time", "time", 0x00000080},
    {"user", "user", CLONE_NEWUSER},       {"uts", "uts", CLONE_NEWUTS}};

std::string namespace_link(pid_t pid, const char* file) {
  char target[64];
  // The new namespaces that children get, not the holder's own.
  const bool later = std::string(file) == "pid" || std::string(file) == "time";
  const std::string path = "/proc/" + std::to_string(pid) + "/ns/" + file +
                           (later && pid != getpid() ? "_for_children" : "");
  const ssize_t n = readlink(path.c_str(), target, sizeof target);
  return n > 0 ? std::string(target, static_cast<std::size_t>(n)) : "";
}

// In the holder's process: makes the namespaces, says so, and waits to be killed.
[[noreturn]] void hold(int flags, int ready) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  const char failed = unshare(flags) == 0 ? 'y' : 'n';
  // A pid namespace needs a first process before anybody can join it.
  if ((flags & CLONE_NEWPID) != 0 && fork() == 0) {
    for (;;) pause();
  }
  static_cast<void>(!write(ready, &failed, 1));
  for (;;) pause();
}

Value verdict(const char* result, const std::vector<std::string>& lines) {
  Value value;
  value["result"] = Value::make_text(result);
  value["lines"] = Value::make_array();
  for (const std::string& line : lines) value["lines"].items().push_back(Value::make_text(line));
  return value;
}

}  // namespace

std::string case_folder(const Setup& setup, std::size_t number) {
  return setup.work + "/" + std::to_string(number);
}

std::string case_cgroup(const Setup& setup, std::size_t number) {
  return setup.cgroup + "/" + std::to_string(number);
}

Session::Session(const Case& tested, const Setup& setup, std::size_t number)
    : case_(tested),
      setup_(setup),
      body_(tested.body),
      folder_(case_folder(setup, number)),
      bundle_(folder_ + "/bundle"),
      id_("ov" + std::to_string(number)),
      cgroup_path_("/container"),
      // A second is left to say which step was too slow.
      end_(Clock::now() + setup.limit - std::chrono::seconds(1)) {}

Session::~Session() {
  if (holder_ > 0) kill(holder_, SIGKILL);
}

Clock::time_point Session::deadline() const { return end_; }

Value Session::run() {
  try {
    if (const Value* needs = part("needs")) {
      const std::string reason = unmet_need(*needs, setup_.machine, setup_.runtime.features);
      if (!reason.empty()) return verdict("skip", {reason});
    }
    prepare();
    if (part("control") != nullptr) run_control();
    run_steps();
    return verdict("ok", {});
  } catch (const Failure& failure) {
    return verdict("fail", failure.lines);
  } catch (const Skip& skip) {
    return verdict("skip", {skip.reason});
  } catch (const std::exception& error) {
    return verdict("kit", {error.what()});
  }
}

void Session::prepare() {
  namespace fs = std::filesystem;
  fs::create_directories(bundle_ + "/rootfs");
  for (const char* name : {"/dev", "/proc", "/sys", "/tmp", "/etc", "/run"}) {
    fs::create_directory(bundle_ + "/rootfs" + name);
  }
  chmod((bundle_ + "/rootfs/tmp").c_str(), 01777);
  if (link(setup_.probe.c_str(), (bundle_ + "/rootfs/probe").c_str()) != 0) {
    throw KitError("cannot link the probe into " + bundle_);
  }
  fs::create_directory(folder_ + "/host");
  if (const Value* devices = part("network")) make_network(*devices);
  if (const Value* kinds = part("hold")) hold_namespaces(*kinds);
  if (const Value* kind = part("agent")) {
    agent_ = listen_as_agent(folder_ + "/agent.sock", kind->text());
  }
  set_variables();
  if (const Value* files = part("rootfs")) {
    make_files(bundle_ + "/rootfs", substitute(*files, variables_, Unknown::kError), setup_.probe);
  }
  if (const Value* files = part("host")) {
    make_files(folder_ + "/host", substitute(*files, variables_, Unknown::kError), setup_.probe);
  }
  if (const Value* owner = part("owner")) {
    give_to(bundle_ + "/rootfs", static_cast<uid_t>(owner->as_number()));
  }
  if (const Value* files = part("over")) put_over(*files);
  mounts_before_ = read_file("/proc/self/mountinfo");
  become_what_the_case_says();
  config_ = make_config(part("config") != nullptr ? *part("config") : Value::make_object());
  write_config(config_);
}

void Session::set_variables() {
  const auto set = [&](const char* name, const std::string& text) {
    variables_[name] = Value::make_text(text);
  };
  set("bundle", bundle_);
  set("rootfs", bundle_ + "/rootfs");
  set("host", folder_ + "/host");
  set("probe", setup_.probe);
  set("log", bundle_ + "/rootfs/log");
  set("agent", folder_ + "/agent.sock");
  set("id", id_);
  set("cgroup", cgroup_path_);
  char name[256] = "";
  gethostname(name, sizeof name);
  set("hostname", name);
  const auto set_device = [&](const std::string& variable, const std::string& numbers) {
    const std::size_t colon = numbers.find(':');
    if (colon == std::string::npos) return;
    variables_[variable] = Value::make_text(numbers);
    variables_[variable + ".major"] = Value::make_number(std::stoi(numbers));
    variables_[variable + ".minor"] = Value::make_number(std::stoi(numbers.substr(colon + 1)));
  };
  set_device("block-device", setup_.machine.block_device);
  set_device("bfq-device", setup_.machine.bfq_device);
  for (const char* which : {"/ociVersionMin", "/ociVersionMax"}) {
    const Value* version = setup_.runtime.features.at_pointer(which);
    if (version != nullptr) variables_[std::string("features.") + which] = *version;
  }
  for (const Kind& kind : kNamespaces) {
    const std::string at = kind.name;
    variables_["ns." + at] = Value::make_text(namespace_link(getpid(), kind.file));
    if (holder_ == 0) continue;
    variables_["hold.ns." + at] = Value::make_text(namespace_link(holder_, kind.file));
    const bool later = at == "pid" || at == "time";
    variables_["hold." + at] = Value::make_text("/proc/" + std::to_string(holder_) + "/ns/" +
                                                kind.file + (later ? "_for_children" : ""));
  }
}

// What the runtime inherits: `self: {umask: 0027, oom_score_adj: 77}`.
void Session::become_what_the_case_says() {
  umask(022);
  const Value* self = part("self");
  if (self == nullptr) return;
  for (const Member& member : self->members()) {
    if (member.name == "umask") {
      umask(static_cast<mode_t>(std::stoul(member.value.as_text(), nullptr, 8)));
    } else if (member.name == "oom_score_adj") {
      write_text("/proc/self/oom_score_adj", member.value.as_text());
    } else {
      throw KitError("`self' does not know " + member.name);
    }
  }
}

// network: {NAME: [ADDRESS...]}: the runtime starts in a network namespace of its own, which has
// these devices: one end of a pair each.
void Session::make_network(const Value& devices) {
  if (unshare(CLONE_NEWNET) != 0) throw Skip{"no new network namespace"};
  const auto run = [&](std::vector<std::string> words) {
    words.insert(words.begin(), "ip");
    const Finished finished = run_command({.words = std::move(words)}, deadline());
    if (finished.status != 0) throw Skip{"no network device: " + finished.errors};
  };
  for (const Member& device : devices.members()) {
    run({"link", "add", device.name, "type", "veth", "peer", "name", device.name + "p"});
    for (const Value& address : device.value.items()) {
      run({"address", "add", address.text(), "dev", device.name});
    }
  }
}

// over: files as in `host`, which the case and the runtime see instead of the machine's.
void Session::put_over(const Value& files) const {
  make_files(folder_ + "/over", files, setup_.probe);
  for (const Member& file : files.members()) {
    Value bind;
    bind["bind"] = Value::make_text(folder_ + "/over" + file.name);
    make_mount(file.name, bind);
  }
}

// A process that has namespaces of its own, which the case's container joins.
void Session::hold_namespaces(const Value& kinds) {
  int flags = 0;
  for (const Value& wanted : kinds.items()) {
    const auto* kind = std::find_if(std::begin(kNamespaces), std::end(kNamespaces),
                                    [&](const Kind& each) { return wanted.text() == each.name; });
    if (kind == std::end(kNamespaces)) throw KitError("`hold' does not know " + wanted.text());
    flags |= kind->flag;
  }
  int fds[2];
  if (pipe2(fds, O_CLOEXEC) != 0) throw KitError("no pipe");
  const Descriptor read_end(fds[0]);
  Descriptor write_end(fds[1]);
  holder_ = fork();
  if (holder_ == 0) hold(flags, write_end.get());
  write_end = Descriptor();
  char answer = 0;
  if (read(read_end.get(), &answer, 1) != 1 || answer != 'y') {
    throw Skip{"the kernel refuses namespaces that are new to it"};
  }
  if ((flags & CLONE_NEWUSER) != 0) {
    const std::string at = "/proc/" + std::to_string(holder_);
    write_text(at + "/uid_map", "0 100000 65536\n");
    write_text(at + "/gid_map", "0 100000 65536\n");
  }
}

// The base configuration with the case's changes, and what the kit adds where the case says
// nothing.
Value Session::make_config(const Value& patch) const {
  Value config = merge_patch(setup_.base_config, substitute(patch, variables_, Unknown::kError));
  const Value* given = patch.at_pointer("/linux/cgroupsPath");
  Value* linux = config.find("linux");
  if (linux != nullptr && linux->find("cgroupsPath") == nullptr && given == nullptr) {
    (*linux)["cgroupsPath"] = Value::make_text(cgroup_path_);
  }
  Value* process = config.find("process");
  if (process != nullptr && process->find("args") == nullptr) {
    (*process)["args"] = probe_arguments();
  }
  return config;
}

// The probe, asked for what the case wants to see, each fact once. Where the case has steps after
// `create` it waits.
Value Session::probe_arguments() const {
  std::vector<std::string> words = {"/probe"};
  bool waits = false;
  for (const Value& step : list_of_steps()) {
    waits = waits || (step.is_text() && step.text() == "create") || step.find("create") != nullptr;
    const Value* run = step.find("run");
    const Value* see = run != nullptr ? run->find("see") : step.find("see");
    if (see == nullptr) continue;
    for (std::string& word : probe_words(substitute(*see, variables_, Unknown::kKeep))) {
      if (std::find(words.begin(), words.end(), word) == words.end()) {
        words.push_back(std::move(word));
      }
    }
  }
  const Value* then = part("then");
  if (then != nullptr || waits) words.push_back("then=" + (then ? then->as_text() : "wait"));
  Value arguments = Value::make_array();
  for (const std::string& word : words) arguments.items().push_back(Value::make_text(word));
  return arguments;
}

void Session::write_config(const Value& config) const {
  write_text(bundle_ + "/config.json", to_json(config, true));
}

// The same case with the `control` patch on top must be accepted: else the refusal that the case is
// about says nothing.
void Session::run_control() {
  const Value patch = substitute(*part("control"), variables_, Unknown::kError);
  Value config = merge_patch(config_, patch);
  // Not the probe that waits: the control ends by itself.
  const Value* args = config.at_pointer("/process/args");
  if (args != nullptr && *args == *config_.at_pointer("/process/args")) {
    Value& words = config["process"]["args"];
    if (!words.items().empty() && words.items()[0].as_text() == "/probe") words.items().resize(1);
  }
  write_config(config);
  const Finished finished = run_command(
      setup_.runtime.command({"run", "--bundle", bundle_, id_ + "-control"}), deadline());
  if (finished.status != 0) {
    throw Failure("without the fault it is refused too (status " + std::to_string(finished.status) +
                  "): " + finished.errors + finished.output);
  }
  write_config(config_);
}

// The short forms: a `cgroup` that a created container has; else a run.
Value::Array Session::list_of_steps() const {
  if (const Value* steps = part("steps")) return steps->items();
  Value::Array steps;
  if (const Value* cgroup = part("cgroup")) {
    steps.push_back(Value::make_text("create"));
    steps.emplace_back();
    steps.back()["cgroup"] = *cgroup;
    return steps;
  }
  Value run;
  for (const char* key : {"see", "fails", "exit", "message", "stdout", "options"}) {
    if (const Value* value = part(key)) run[key] = *value;
  }
  steps.emplace_back();
  steps.back()["run"] = run;
  for (const char* key : {"log", "left"}) {
    if (part(key) == nullptr) continue;
    steps.emplace_back();
    steps.back()[key] = *part(key);
  }
  return steps;
}

void Session::run_steps() {
  for (const Value& step : list_of_steps()) run_step(step);
}

void Session::run_step(const Value& step) {
  std::string name;
  Value what;
  if (step.is_text()) {
    name = step.text();
  } else {
    if (step.members().size() != 1) throw KitError("a step is one word or a map of one member");
    name = step.members()[0].name;
    what = substitute(step.members()[0].value, variables_, Unknown::kError);
  }
  const auto found = step_functions().find(name);
  if (found == step_functions().end()) throw KitError("there is no step `" + name + "'");
  try {
    (this->*found->second)(what);
  } catch (Failure& failure) {
    for (std::string& line : failure.lines) line.insert(0, name + ": ");
    throw;
  }
}

const std::map<std::string, Session::StepFunction>& Session::step_functions() {
  static const std::map<std::string, StepFunction> functions = {
      {"create", &Session::step_create},     {"run", &Session::step_run},
      {"start", &Session::step_start},       {"state", &Session::step_state},
      {"kill", &Session::step_kill},         {"exec", &Session::step_exec},
      {"delete", &Session::step_delete},     {"pause", &Session::step_pause},
      {"resume", &Session::step_resume},     {"update", &Session::step_update},
      {"features", &Session::step_features}, {"call", &Session::step_call},
      {"see", &Session::step_see},           {"line", &Session::step_line},
      {"outside", &Session::step_outside},   {"cgroup", &Session::step_cgroup},
      {"wait", &Session::step_wait},         {"log", &Session::step_log},
      {"left", &Session::step_left},         {"config", &Session::step_config},
      {"files", &Session::step_files},       {"unmount", &Session::step_unmount},
      {"agent", &Session::step_agent},
  };
  return functions;
}

}  // namespace kit
