// The runtime's operations as steps of a case. What all of them understand:
//   fails: true         the runtime refuses
//   exit: N             it ends with that status (default 0); exit: any
//   message: REGEX      found in what it prints as error
//   stdout: EXPECTATION
//   options: [...]      more words after the command
//   of: NAME            the container: the case's own when absent
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <regex>

#include "files.h"
#include "match.h"
#include "session.h"

namespace kit {
namespace {

constexpr const char* kCommon[] = {"fails", "exit", "message", "stdout", "options", "of", "bundle"};

bool fails(const Value& what) {
  const Value* flag = what.find("fails");
  return (flag != nullptr && flag->is_true()) || (what.is_text() && what.text() == "fails");
}

std::string short_text(const std::string& text) {
  return text.size() > 600 ? text.substr(0, 600) + "..." : text;
}

}  // namespace

Container& Session::container_of(const Value& what) {
  const Value* name = what.find("of");
  const std::string key = name != nullptr ? name->as_text() : "";
  Container& container = containers_[key];
  if (container.id.empty()) container.id = key.empty() ? id_ : id_ + "-" + key;
  return container;
}

Finished Session::call(const std::vector<std::string>& words, const Value& what) {
  std::vector<std::string> all = {words.front()};
  if (const Value* options = what.find("options")) {
    for (const Value& option : options->items()) all.push_back(option.as_text());
  }
  all.insert(all.end(), words.begin() + 1, words.end());
  Finished finished = run_command(setup_.runtime.command(all), deadline());
  check(finished, what, words.front());
  return finished;
}

void Session::check(const Finished& finished, const Value& what, const std::string& name) const {
  const Value* exit = what.find("exit");
  const bool any = exit != nullptr && exit->is_text() && exit->text() == "any";
  const auto wanted = exit != nullptr && !any ? exit->as_number() : 0;
  const std::string said = "; it said: " + short_text(finished.errors);
  if (fails(what)) {
    if (finished.status == 0) throw Failure("it was accepted" + said);
    // A crash is no refusal; 255 is what runc says for an exec that it refuses.
    if (finished.status > 128 && finished.status <= 128 + 64) {
      throw Failure("it died with status " + std::to_string(finished.status) + said);
    }
  } else if (!any && finished.status != wanted) {
    throw Failure("expected status " + std::to_string(wanted) + ", seen " +
                  std::to_string(finished.status) + said);
  }
  if (const Value* message = what.find("message")) {
    if (!std::regex_search(finished.errors, std::regex(message->as_text(), std::regex::icase))) {
      throw Failure("no error like /" + message->as_text() + "/" + said);
    }
  }
  if (const Value* output = what.find("stdout")) {
    compare(*output, Value::make_text(finished.output), name + " prints");
  }
}

// After a refusal the container must not exist.
void Session::check_refused(const Value& what, const std::string& id) {
  if (!fails(what)) return;
  const Finished state = run_command(setup_.runtime.command({"state", id}), deadline());
  if (state.status == 0) throw Failure("it was refused, but the container exists: " + state.output);
}

void Session::step_create(const Value& what) {
  Container& container = container_of(what);
  std::vector<std::string> words = {"create", "--bundle", bundle_};
  if (const Value* bundle = what.find("bundle")) words[2] = bundle->text();
  const Value* terminal = config_.at_pointer("/process/terminal");
  const bool has_terminal = terminal != nullptr && terminal->is_true() && !fails(what);
  if (has_terminal) words.insert(words.end(), {"--console-socket", listen_for_terminal()});
  words.push_back(container.id);
  Finished finished = call(words, what);
  check_refused(what, container.id);
  if (fails(what)) {
    if (!finished.output.empty()) throw Failure("the program ran: " + finished.output);
    return;
  }
  container.output = has_terminal ? take_terminal() : std::move(finished.later_output);
  container.buffer = has_terminal ? "" : finished.output;
  const Finished state = run_command(setup_.runtime.command({"state", container.id}), deadline());
  if (state.status != 0) throw Failure("state fails after create: " + state.errors);
  const Value seen = parse_json(state.output);
  if (const Value* pid = seen.find("pid")) container.pid = static_cast<pid_t>(pid->as_number());
  variables_["pid"] = Value::make_number(container.pid);
}

void Session::step_run(const Value& what) {
  Container& container = container_of(what);
  Finished finished = call({"run", "--bundle", bundle_, container.id}, what);
  check_refused(what, container.id);
  if (fails(what) && !finished.output.empty()) {
    throw Failure("it was refused, but the program ran: " + finished.output);
  }
  if (const Value* see = what.find("see")) {
    const std::size_t end = finished.output.find('\n');
    if (end == std::string::npos) throw Failure("the program printed: " + finished.output);
    compare(*see, parse_json(finished.output.substr(0, end)), "");
  }
}

void Session::step_start(const Value& what) { call({"start", container_of(what).id}, what); }
void Session::step_pause(const Value& what) { call({"pause", container_of(what).id}, what); }
void Session::step_resume(const Value& what) { call({"resume", container_of(what).id}, what); }

// Members that no step has are expected of the state itself.
void Session::step_state(const Value& what) {
  const Finished finished = call({"state", container_of(what).id}, what);
  if (fails(what) || !what.is_object()) return;
  Value expected = what;
  for (const char* name : kCommon) {
    if (std::string(name) != "bundle") expected.remove(name);
  }
  compare(expected, parse_json(finished.output), "");
}

void Session::step_kill(const Value& what) {
  const Value* named = what.find("signal");
  const std::string signal = named != nullptr                     ? named->as_text()
                             : what.is_object() || what.is_null() ? "KILL"
                                                                  : what.as_text();
  call({"kill", container_of(what).id, signal}, what);
}

void Session::step_delete(const Value& what) {
  const bool force = what.is_text() && what.text() == "force";
  std::vector<std::string> words = {"delete"};
  if (force) words.emplace_back("--force");
  words.push_back(container_of(what).id);
  call(words, what);
}

// exec: {process: PATCH, see: ...}: the container's own process, changed, as a process.json.
void Session::step_exec(const Value& what) {
  Value process = config_["process"];
  process["args"] = Value::make_array();
  process["args"].items().push_back(Value::make_text("/probe"));
  if (const Value* see = what.find("see")) {
    for (const std::string& word : probe_words(*see)) {
      process["args"].items().push_back(Value::make_text(word));
    }
  }
  if (const Value* patch = what.find("process")) process = merge_patch(process, *patch);
  const std::string path = folder_ + "/process.json";
  write_text(path, to_json(process));
  const Finished finished = call({"exec", "--process", path, container_of(what).id}, what);
  if (fails(what) && !finished.output.empty()) throw Failure("the program ran: " + finished.output);
  if (const Value* see = fails(what) ? nullptr : what.find("see")) {
    if (finished.output.empty()) throw Failure("the program printed nothing: " + finished.errors);
    compare(*see, parse_json(finished.output.substr(0, finished.output.find('\n'))), "");
  }
}

// update: {resources: {...}}
void Session::step_update(const Value& what) {
  const std::string path = folder_ + "/resources.json";
  const Value* resources = what.find("resources");
  if (resources == nullptr) throw KitError("`update' needs resources");
  write_text(path, to_json(*resources));
  call({"update", "--resources", path, container_of(what).id}, what);
}

// features: EXPECTATION; features: unchanged - asked again, here and now, it says the same.
void Session::step_features(const Value& what) {
  if (setup_.runtime.features.is_null()) throw Skip{"the runtime has no features command"};
  if (what.is_text() && what.text() == "unchanged") {
    const Finished finished = call({"features"}, Value{});
    compare(setup_.runtime.features, parse_json(finished.output), "");
    return;
  }
  compare(what, setup_.runtime.features, "");
}

// call: {words: [state], ...}: any command line.
void Session::step_call(const Value& what) {
  std::vector<std::string> words;
  for (const Value& word : what.find("words")->items()) words.push_back(word.as_text());
  call(words, what);
}

std::string Session::listen_for_terminal() {
  std::string path = folder_ + "/console.sock";
  listener_ = Descriptor(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
  if (bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
      listen(listener_.get(), 1) != 0) {
    throw KitError("no socket at " + path + ": " + std::strerror(errno));
  }
  return path;
}

// The runtime has sent the terminal before it said that it was done.
Descriptor Session::take_terminal() {
  fcntl(listener_.get(), F_SETFL, O_NONBLOCK);
  const Descriptor peer(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
  if (!peer.is_open()) throw Failure("the runtime did not connect to the console socket");
  char byte[4096];
  iovec part{byte, sizeof byte};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))];
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  const ssize_t n = recvmsg(peer.get(), &message, MSG_CMSG_CLOEXEC);
  const cmsghdr* header = n > 0 ? CMSG_FIRSTHDR(&message) : nullptr;
  if (header == nullptr || header->cmsg_type != SCM_RIGHTS) {
    throw Failure("the console socket got no descriptor");
  }
  int fd = -1;
  std::memcpy(&fd, CMSG_DATA(header), sizeof fd);
  return Descriptor(fd);
}

}  // namespace kit
