// Talking to systemd, the system's or the user's (org.freedesktop.systemd1(5)). Host side.
//
// The manager is spoken to directly, over its private socket; through the message bus only where
// there is none. Each wait ends at a deadline, kPatience after the call began; all errors name the
// socket and what was asked for.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "cgroup/systemd_properties.h"
#include "dbus/connection.h"

namespace brig::cgroup {

// Whether the manager that counts is the user's own: for everybody but root, and for the root of a
// user namespace in which the system's systemd is somebody else's.
bool wants_user_manager();

class SystemdManager {
 public:
  // Connects. Throws Error, with the errno ENOENT or ECONNREFUSED when no systemd is there.
  explicit SystemdManager(bool user);

  // Asks for a transient unit; start_finished() tells how it went.
  void start_unit(const std::string& name, const UnitProperties& properties);
  // Waits until the unit has been started. False: `peer`, a descriptor, can be read or has ended
  // first; call it again to go on. Throws Error when it could not be started.
  bool start_finished(int peer);

  // Stops the unit, also one that start_unit() was asked for, and returns when it is stopped. Does
  // nothing when there is none.
  void stop_unit(const std::string& name);
  // Makes systemd forget that the unit has failed, so that it goes.
  void reset_failed(const std::string& name);
  // Changes properties of a unit until the next boot.
  void set_properties(const std::string& name, const UnitProperties& properties);
  // Moves a process into the unit's cgroup.
  void attach_process(const std::string& name, pid_t pid);
  // The cgroup of the manager itself, "" for the root.
  std::string control_group();

 private:
  [[nodiscard]] dbus::Message call_of(const char* member) const;
  dbus::Message call(dbus::Message message);
  void wait_for_job(const std::string& job);
  void send_start();
  bool retry_start(const dbus::CallError& error);
  [[nodiscard]] bool start_job_done() const;
  [[noreturn]] void fail_start(std::string_view why) const;
  void note_job(const dbus::Message& signal);

  bool through_bus_ = false;
  std::optional<dbus::Connection> connection_;
  // The unit that is being started.
  std::string starting_;
  UnitProperties properties_;
  std::uint32_t start_serial_ = 0;
  std::string start_job_;
  bool was_reset_ = false;
  sys::Deadline deadline_;
  // Jobs that have ended: object path and result.
  std::vector<std::pair<std::string, std::string>> ended_;
};

}  // namespace brig::cgroup
