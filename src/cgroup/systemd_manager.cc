#include "cgroup/systemd_manager.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>

#include "base/concat.h"
#include "sys/file.h"

namespace brig::cgroup {

namespace {

// As long as systemctl waits for an answer.
constexpr std::chrono::seconds kPatience(25);

constexpr const char* kService = "org.freedesktop.systemd1";
constexpr const char* kObject = "/org/freedesktop/systemd1";
constexpr const char* kManager = "org.freedesktop.systemd1.Manager";
constexpr const char* kSystemSocket = "/run/systemd/private";
constexpr const char* kSystemBus = "/run/dbus/system_bus_socket";

sys::Deadline deadline_from_now() { return std::chrono::steady_clock::now() + kPatience; }

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : value;
}

// Sockets of the manager itself and of the bus where it is found.
struct Sockets {
  std::string direct;
  std::string bus;
};

// The path in the first address "unix:path=/run/bus,guid=..." of a list; an abstract name with an
// "@". dbus-daemon(1), "ADDRESSES"; escaped characters do not occur in such paths.
std::string path_of_address(std::string_view address) {
  for (const std::string_view key : {"unix:path=", "unix:abstract="}) {
    if (!address.starts_with(key)) continue;
    const std::string_view rest = address.substr(key.size());
    return concat(key == "unix:path=" ? "" : "@", rest.substr(0, rest.find_first_of(",;")));
  }
  return {};
}

Sockets sockets(bool user) {
  Sockets found;
  const std::string address =
      environment(user ? "DBUS_SESSION_BUS_ADDRESS" : "DBUS_SYSTEM_BUS_ADDRESS");
  found.bus = path_of_address(address);
  if (!user) {
    found.direct = kSystemSocket;
    if (found.bus.empty()) found.bus = kSystemBus;
    return found;
  }
  const std::string runtime = environment("XDG_RUNTIME_DIR");
  if (!runtime.empty()) {
    found.direct = concat(runtime, "/systemd/private");
    if (found.bus.empty()) found.bus = concat(runtime, "/bus");
  }
  return found;
}

bool nobody_there(int error_number) {
  return error_number == ENOENT || error_number == ECONNREFUSED || error_number == ENOTDIR;
}

dbus::Value property_list(const UnitProperties& properties) {
  std::vector<dbus::Value> items;
  items.reserve(properties.size());
  for (const UnitProperty& property : properties)
    items.push_back(dbus::structure({dbus::string(property.name), dbus::variant(property.value)}));
  return dbus::array("(sv)", std::move(items));
}

// systemd says only sometimes which property it did not like, and those of annotations are the ones
// that can be wrong.
std::string annotations_in_doubt(const UnitProperties& properties) {
  std::string names;
  for (const UnitProperty& property : properties)
    if (!property.annotation.empty())
      append(names, names.empty() ? " (are the annotations right? " : ", ", property.annotation,
             " is of type ", property.value.type);
  return names.empty() ? names : concat(names, ')');
}

}  // namespace

bool wants_user_manager() {
  if (::geteuid() != 0) return true;
  // The root of a user namespace does not own what the host's root owns.
  const sys::Result<struct stat> there = sys::stat_at(AT_FDCWD, "/run/systemd");
  return there && there->st_uid != 0;
}

SystemdManager::SystemdManager(bool user) : deadline_(deadline_from_now()) {
  const Sockets paths = sockets(user);
  const auto hint = [user] {
    return concat("the systemd cgroup manager needs a running systemd",
                  user ? " of the user (XDG_RUNTIME_DIR must be set; loginctl enable-linger)" : "",
                  ", else use --cgroup-manager=cgroupfs");
  };
  if (paths.direct.empty() && paths.bus.empty()) throw Error(hint());
  try {
    try {
      if (paths.direct.empty()) throw Error("", ENOENT);
      connection_.emplace(paths.direct, deadline_);
      return;
    } catch (const Error& error) {
      if (!nobody_there(error.error_number()) || paths.bus.empty()) throw;
    }
    connection_.emplace(paths.bus, deadline_);
  } catch (Error& error) {
    error.add_context(hint());
    throw;
  }
  through_bus_ = true;
  // The bus sends signals to those only who have asked for them, and so does systemd.
  dbus::Message message = call_of("Hello");
  message.path = "/org/freedesktop/DBus";
  message.interface = message.destination = "org.freedesktop.DBus";
  message.flags = dbus::kNoReplyExpected;
  connection_->send(message, deadline_);
  message.member = "AddMatch";
  dbus::make_body(message, {dbus::string(concat("type='signal',sender='", kService, "',interface='",
                                                kManager, "',member='JobRemoved'"))});
  connection_->send(message, deadline_);
  message = call_of("Subscribe");
  message.flags = dbus::kNoReplyExpected;
  connection_->send(message, deadline_);
}

dbus::Message SystemdManager::call_of(const char* member) const {
  dbus::Message message;
  message.path = kObject;
  message.interface = kManager;
  message.member = member;
  if (through_bus_) message.destination = kService;
  return message;
}

// Sends a call and waits for its answer; an error is thrown as CallError.
dbus::Message SystemdManager::call(dbus::Message message) {
  deadline_ = deadline_from_now();
  const std::uint32_t serial = connection_->send(std::move(message), deadline_);
  for (;;) {
    dbus::Message answer = *connection_->receive(deadline_);
    if (answer.type == dbus::MessageType::kSignal) note_job(answer);
    if (answer.reply_serial != serial) continue;
    if (answer.type == dbus::MessageType::kError) throw dbus::call_error(answer);
    if (answer.type == dbus::MessageType::kReturn) return answer;
  }
}

// JobRemoved(u id, o job, s unit, s result)
void SystemdManager::note_job(const dbus::Message& signal) {
  if (signal.member != "JobRemoved" || signal.signature != "uoss") return;
  std::vector<dbus::Value> arguments = dbus::read_body(signal);
  ended_.emplace_back(std::move(arguments[1].text), std::move(arguments[3].text));
}

void SystemdManager::start_unit(const std::string& name, const UnitProperties& properties) {
  starting_ = name;
  properties_ = properties;
  deadline_ = deadline_from_now();
  send_start();
}

void SystemdManager::send_start() {
  dbus::Message message = call_of("StartTransientUnit");
  dbus::make_body(message, {dbus::string(starting_), dbus::string("replace"),
                            property_list(properties_), dbus::array("(sa(sv))", {})});
  start_serial_ = connection_->send(std::move(message), deadline_);
}

// Whether it makes sense to ask again after `error`: a unit that had failed stood in the way, or
// this systemd is too old for a property that brig wants. The error's text has the name of it.
bool SystemdManager::retry_start(const dbus::CallError& error) {
  if (error.name() == "org.freedesktop.systemd1.UnitExists" && !was_reset_) {
    was_reset_ = true;
    reset_failed(starting_);
    return true;
  }
  const std::string text = error.what();
  const auto unknown =
      std::find_if(properties_.begin(), properties_.end(), [&](const UnitProperty& property) {
        return property.annotation.empty() && property.name != "Slice" && property.name != "PIDs" &&
               text.find(property.name) != std::string::npos;
      });
  if (unknown == properties_.end()) return false;
  properties_.erase(unknown);
  return true;
}

void SystemdManager::fail_start(std::string_view why) const {
  throw Error(concat("start the systemd unit ", starting_, ": ", why));
}

// Whether the job has ended; throws when it has not made the unit.
bool SystemdManager::start_job_done() const {
  const auto ended = std::find_if(ended_.begin(), ended_.end(),
                                  [&](const auto& job) { return job.first == start_job_; });
  if (start_job_.empty() || ended == ended_.end()) return false;
  if (ended->second != "done")
    fail_start(concat("its job ended with \"", ended->second, "\" (systemctl status ", starting_,
                      " tells more)"));
  return true;
}

bool SystemdManager::start_finished(int peer) {
  while (!start_job_done()) {
    const std::optional<dbus::Message> message =
        with_context([&] { return concat("start the systemd unit ", starting_); },
                     [&] { return connection_->receive(deadline_, peer); });
    if (!message) return false;
    if (message->type == dbus::MessageType::kSignal) note_job(*message);
    if (message->reply_serial != start_serial_) continue;
    if (message->type == dbus::MessageType::kReturn && message->signature == "o") {
      start_job_ = dbus::read_body(*message)[0].text;
    } else if (message->type == dbus::MessageType::kError) {
      const dbus::CallError error = dbus::call_error(*message);
      if (!retry_start(error)) fail_start(concat(error.what(), annotations_in_doubt(properties_)));
      send_start();
    }
  }
  return true;
}

void SystemdManager::wait_for_job(const std::string& job) {
  for (;;) {
    for (const auto& ended : ended_)
      if (ended.first == job) return;
    const dbus::Message message = *connection_->receive(deadline_);
    if (message.type == dbus::MessageType::kSignal) note_job(message);
  }
}

void SystemdManager::stop_unit(const std::string& name) {
  dbus::Message message = call_of("StopUnit");
  dbus::make_body(message, {dbus::string(name), dbus::string("replace")});
  try {
    const dbus::Message answer = call(std::move(message));
    if (answer.signature == "o") wait_for_job(dbus::read_body(answer)[0].text);
  } catch (const dbus::CallError& error) {
    if (error.name() == "org.freedesktop.systemd1.NoSuchUnit") return;
    throw Error(concat("stop the systemd unit ", name, ": ", error.what()));
  } catch (Error& error) {
    error.add_context(concat("stop the systemd unit ", name));
    throw;
  }
}

void SystemdManager::reset_failed(const std::string& name) {
  dbus::Message message = call_of("ResetFailedUnit");
  dbus::make_body(message, {dbus::string(name)});
  try {
    call(std::move(message));
  } catch (const dbus::CallError&) {
    // It is gone, or has not failed.
  }
}

void SystemdManager::set_properties(const std::string& name, const UnitProperties& properties) {
  dbus::Message message = call_of("SetUnitProperties");
  dbus::make_body(message, {dbus::string(name), dbus::boolean(true), property_list(properties)});
  with_context([&] { return concat("set properties of the systemd unit ", name); },
               [&] { call(std::move(message)); });
}

void SystemdManager::attach_process(const std::string& name, pid_t pid) {
  dbus::Message message = call_of("AttachProcessesToUnit");
  dbus::make_body(message, {dbus::string(name), dbus::string(""),
                            dbus::array("u", {dbus::uint32(static_cast<std::uint32_t>(pid))})});
  with_context([&] { return concat("move process ", pid, " into the systemd unit ", name); },
               [&] { call(std::move(message)); });
}

std::string SystemdManager::control_group() {
  dbus::Message message = call_of("Get");
  message.interface = "org.freedesktop.DBus.Properties";
  dbus::make_body(message, {dbus::string(kManager), dbus::string("ControlGroup")});
  const std::vector<dbus::Value> values =
      with_context([] { return "ask systemd for its cgroup"; },
                   [&] { return dbus::read_body(call(std::move(message))); });
  if (values.size() != 1 || values[0].type != "v" || values[0].items[0].type != "s")
    throw Error("ask systemd for its cgroup: got an unknown answer");
  return values[0].items[0].text == "/" ? std::string() : values[0].items[0].text;
}

}  // namespace brig::cgroup
