// The protocol between the host side (create.cc) and the container's init (init.cc), and between
// exec.cc and the process it adds: who says what, in which order. This is the only table of it.
//
//   host side                     container side
//   write id maps             <-  NeedIdMaps       only with a new user namespace
//                             ->  IdMapsWritten
//   make the network          ->  NetworkReady     only with a new one and no new user namespace;
//   namespace                                      carries it
//   wait for systemd          ->  CgroupReady      only when systemd makes the cgroup;
//                                                  sent as soon as it has its limits
//   prestart, createRuntime   <-  NeedHooks        only with such hooks; the root is
//                                                  mounted, not entered
//                             ->  HooksDone
//   forward the terminal      <-  ConsoleMaster    only with process.terminal; carries it
//   tell the seccomp agent    <-  SeccompListener  only with SCMP_ACT_NOTIFY; carries it
//   record, pid-file          <-  Ready            privileges dropped, program found; not where run
//                                                  and exec have nothing to publish: Proceed then
//                                                  goes ahead, and nobody waits for the other
//                             ->  Proceed          create: wait on the start fifo;
//                                                  run, exec: execute now
//                             <-  Executing        run and exec
//
// Instead of any of its messages the container side may send Failure with a line of text and end.
// The host side ending early is seen by the container side as the end of the stream (and, before
// Ready or where it would be, by its parent-death signal). After Proceed of run and exec, the end
// of the stream without Failure means that the program has been executed, because the descriptor is
// close-on-exec; "executing" comes right before, so that a process that was killed is not taken for
// one that was executed.
#pragma once

#include <poll.h>
#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "brig/error.h"
#include "container/freeze_watch.h"
#include "sys/fd.h"

namespace brig::container {

enum class Message : std::uint8_t {
  kNeedIdMaps = 1,
  kIdMapsWritten,
  kNetworkReady,
  kCgroupReady,
  kNeedHooks,
  kHooksDone,
  kConsoleMaster,
  kSeccompListener,
  kReady,
  kProceed,
  kExecuting,
  kFailure,
};

// The name for messages about the protocol itself.
const char* message_name(Message message) noexcept;

enum class Side : std::uint8_t { kHost, kContainer };

struct Step {
  Side sender = Side::kContainer;
  Message message = Message::kReady;
  bool operator==(const Step&) const = default;
};

// Which optional parts of the protocol a container has.
struct SequenceOptions {
  bool id_maps = false;
  bool network = false;
  bool late_cgroup = false;
  bool hooks = false;
  bool console = false;
  bool listener = false;
  bool executes_at_once = false;  // run and exec; create waits for `start` instead
  bool proceeds_ahead = false;    // of these, without Ready
};

// The steps that must happen, in order; both sides advance through their own copy. Pure.
class Sequence {
 public:
  explicit Sequence(const SequenceOptions& options);

  // The next step, or none at the end.
  [[nodiscard]] std::optional<Step> next() const noexcept;
  // Moves on. Throws Error when `sender` may not send `message` now.
  void advance(Side sender, Message message);

 private:
  std::vector<Step> steps_;
  std::size_t at_ = 0;
};

// What arrived. `fd` only with NetworkReady, ConsoleMaster and SeccompListener, `text` is the
// terminal's name with it and the line of a Failure.
struct Received {
  Message message = Message::kFailure;
  std::string text;
  int error_number = 0;  // of a Failure
  sys::OwnFd fd;
};

// What the container side reported before it ended: its line, complete as it stands.
class PeerFailure : public Error {
 public:
  PeerFailure(std::string line, int error_number)
      : Error(CompleteLine{}, std::move(line), error_number) {}
};

// The other side ended without a word: it was killed, or (seen by the container side) brig was.
class PeerGone : public Error {
 public:
  using Error::Error;
};

// What else than its answer ends the host side's wait for a process: by default nothing.
struct Patience {
  int end_signals = -1;  // a signal that can be read from it (sys::open_end_signals); borrowed
  std::optional<FreezeWatch> freeze;
  const char* if_frozen = "";  // what is refused then, for the message
  std::chrono::milliseconds interval = FreezeWatch::kInterval;
};

// The same with a watch of `process`. No `if_frozen`: a frozen one is waited for until it is
// thawed.
Patience patience_with(pid_t process, int end_signals, const char* if_frozen);

// Returns when `socket` has one of `events`, 0: when the process has ended its side.
void wait_for_answer(int socket, Patience& patience, short events = POLLIN);

// One end of the connection. Only read(2) and write(2) are used for messages without a descriptor,
// so that a seccomp profile which is already in force has little to allow.
class Channel {
 public:
  Channel(sys::OwnFd socket, Side side, const SequenceOptions& options)
      : socket_(std::move(socket)), sequence_(options), side_(side) {}

  // Sends the next message of this side. Throws when the other side has gone: on the host side what
  // that one had to say, if it was its Failure.
  void send(Message message, std::string_view text = {}, int fd = -1);
  // Container side: the bytes of its next message, for a caller that sends them itself.
  std::string take_turn(Message message);
  // Container side: reports that it cannot go on. Never throws.
  void send_failure(std::string_view text, int error_number) noexcept;
  // Waits for `expected`. A Failure is thrown as the Error it describes; the end of the stream as
  // one that says what was waited for.
  Received receive(Message expected);
  // Ready, where the sequence has it.
  void send_ready();
  void receive_ready();
  // Host side, after Proceed of run and exec: waits until the program has been executed.
  void wait_executed();
  // Host side: how each wait for the peer can end from now on.
  void wait_with(const Patience& patience) noexcept { patience_ = patience; }
  // The next step that the peer will take, or none.
  [[nodiscard]] std::optional<Step> next() const noexcept { return sequence_.next(); }
  // True when this side must expect `message` now.
  [[nodiscard]] bool expects(Message message) const noexcept;

  [[nodiscard]] int fd() const noexcept { return socket_.get(); }
  void close() noexcept { socket_.reset(); }

 private:
  // The next message of the peer, or none at the end of the stream.
  std::optional<Received> read_message(const char* waited_for);
  // Whether reading a message needs a wait that can end otherwise.
  [[nodiscard]] bool may_wait_long() const noexcept {
    return !has_ended_ && (patience_.end_signals >= 0 || patience_.freeze);
  }

  sys::OwnFd socket_;
  Sequence sequence_;
  Side side_;
  Patience patience_;
  bool has_ended_ = false;  // nothing more will come than what can be read at once
};

}  // namespace brig::container
