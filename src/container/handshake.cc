#include "container/handshake.h"

#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "base/concat.h"
#include "brig/error.h"
#include "sys/poll.h"
#include "sys/signal.h"
#include "sys/socket.h"

namespace brig::container {

namespace {

constexpr std::size_t kHeaderSize = 1 + sizeof(int);
constexpr std::size_t kLongestMessage = 32768;

std::string encode(Message message, int error_number, std::string_view text) {
  std::string bytes(kHeaderSize, '\0');
  bytes[0] = static_cast<char>(message);
  std::memcpy(bytes.data() + 1, &error_number, sizeof error_number);
  bytes.append(text.substr(0, kLongestMessage - kHeaderSize));
  return bytes;
}

// The container side's plain messages: write(2), read(2). There the death of brig may end the
// process by SIGPIPE; on the host side it must not.
sys::Result<void> write_message(int socket, const std::string& bytes) {
  ssize_t put;
  do {
    put = ::write(socket, bytes.data(), bytes.size());
  } while (put < 0 && errno == EINTR);
  return sys::Result<void>::of(put);
}

sys::Result<sys::Received> read_message_bytes(int socket) {
  char bytes[kHeaderSize];  // what the host side says has no text
  ssize_t got;
  do {
    // ECONNRESET comes once and before what waits to be read, as in sys::receive_message().
    got = ::read(socket, bytes, sizeof bytes);
  } while (got < 0 && (errno == EINTR || errno == ECONNRESET));
  if (got < 0) return sys::Result<sys::Received>::last_error();
  sys::Received received;
  received.bytes.assign(bytes, static_cast<std::size_t>(got));
  received.end_of_stream = got == 0;
  return received;
}

// Before Proceed of `create`, the container side goes on alone; the steps after it belong to run
// and exec.
std::vector<Step> steps_of(const SequenceOptions& options) {
  std::vector<Step> steps;
  const auto request = [&](bool wanted, Message question, Message answer) {
    if (!wanted) return;
    steps.push_back({Side::kContainer, question});
    steps.push_back({Side::kHost, answer});
  };
  request(options.id_maps, Message::kNeedIdMaps, Message::kIdMapsWritten);
  if (options.network) steps.push_back({Side::kHost, Message::kNetworkReady});
  if (options.late_cgroup) steps.push_back({Side::kHost, Message::kCgroupReady});
  request(options.hooks, Message::kNeedHooks, Message::kHooksDone);
  if (options.console) steps.push_back({Side::kContainer, Message::kConsoleMaster});
  if (options.listener) steps.push_back({Side::kContainer, Message::kSeccompListener});
  if (!options.proceeds_ahead) steps.push_back({Side::kContainer, Message::kReady});
  steps.push_back({Side::kHost, Message::kProceed});
  if (options.executes_at_once) steps.push_back({Side::kContainer, Message::kExecuting});
  return steps;
}

}  // namespace

const char* message_name(Message message) noexcept {
  switch (message) {
    case Message::kNeedIdMaps:
      return "NeedIdMaps";
    case Message::kIdMapsWritten:
      return "IdMapsWritten";
    case Message::kNetworkReady:
      return "NetworkReady";
    case Message::kCgroupReady:
      return "CgroupReady";
    case Message::kNeedHooks:
      return "NeedHooks";
    case Message::kHooksDone:
      return "HooksDone";
    case Message::kConsoleMaster:
      return "ConsoleMaster";
    case Message::kSeccompListener:
      return "SeccompListener";
    case Message::kReady:
      return "Ready";
    case Message::kProceed:
      return "Proceed";
    case Message::kExecuting:
      return "Executing";
    case Message::kFailure:
      return "Failure";
  }
  return "unknown";
}

Sequence::Sequence(const SequenceOptions& options) : steps_(steps_of(options)) {}

std::optional<Step> Sequence::next() const noexcept {
  if (at_ == steps_.size()) return std::nullopt;
  return steps_[at_];
}

void Sequence::advance(Side sender, Message message) {
  const std::optional<Step> expected = next();
  if (!expected || *expected != Step{sender, message})
    throw Error(concat("handshake: got ", message_name(message), " where ",
                       expected ? message_name(expected->message) : "nothing", " was due"));
  ++at_;
}

Patience patience_with(pid_t process, int end_signals, const char* if_frozen) {
  Patience patience;
  patience.end_signals = end_signals;
  if (if_frozen == nullptr) return patience;
  patience.freeze.emplace(process);
  patience.if_frozen = if_frozen;
  return patience;
}

void wait_for_answer(int socket, Patience& patience, short events) {
  for (;;) {
    const sys::Deadline deadline = std::chrono::steady_clock::now() + patience.interval;
    const sys::Ready ready = sys::wait_for_either(socket, patience.end_signals, deadline, events)
                                 .or_throw("wait for the container's process");
    if (ready == sys::Ready::kFirst) return;
    if (ready == sys::Ready::kNone) {
      const std::string problem = patience.freeze ? patience.freeze->problem() : std::string();
      if (!problem.empty()) throw Error(concat(patience.if_frozen, ": ", problem));
    } else if (const std::optional<int> signal = sys::take_end_signal(patience.end_signals)) {
      throw Error(concat("interrupted by signal SIG", sigabbrev_np(*signal),
                         " before the container's program was executed"));
    }
  }
}

void Channel::send(Message message, std::string_view text, int fd) {
  sequence_.advance(side_, message);
  const std::string bytes = encode(message, 0, text);
  const sys::Result<void> sent = fd >= 0 || side_ == Side::kHost
                                     ? sys::send_message(socket_.get(), bytes, fd)
                                     : write_message(socket_.get(), bytes);
  if (sent.error() == EPIPE || sent.error() == ECONNRESET) {
    if (side_ == Side::kHost) read_message("a failure");
    throw PeerGone(concat("it ended before ", message_name(message), " could be said"));
  }
  sent.or_throw("handshake: send ", message_name(message));
}

std::string Channel::take_turn(Message message) {
  sequence_.advance(side_, message);
  return encode(message, 0, {});
}

void Channel::send_failure(std::string_view text, int error_number) noexcept {
  write_message(socket_.get(), encode(Message::kFailure, error_number, text))
      .ignore("the host side has gone; there is nobody left to tell");
}

std::optional<Received> Channel::read_message(const char* waited_for) {
  if (may_wait_long()) wait_for_answer(socket_.get(), patience_);
  const bool may_carry = side_ == Side::kHost || expects(Message::kNetworkReady);
  sys::Result<sys::Received> result =
      may_carry ? sys::receive_message(socket_.get()) : read_message_bytes(socket_.get());
  sys::Received raw = std::move(result).or_throw("handshake: wait for ", waited_for);
  if (raw.end_of_stream) return std::nullopt;
  if (raw.bytes.size() < kHeaderSize) throw Error("handshake: got a message that is too short");
  Received received;
  received.message = static_cast<Message>(raw.bytes[0]);
  std::memcpy(&received.error_number, raw.bytes.data() + 1, sizeof received.error_number);
  received.text = raw.bytes.substr(kHeaderSize);
  received.fd = std::move(raw.fd);
  if (received.message == Message::kFailure) {
    received.text.resize(std::min(received.text.find('\0'), received.text.size()));
    if (received.text.find_first_not_of('\n') == std::string::npos)
      throw Error("handshake: got a Failure that says nothing");
    throw PeerFailure(received.text, received.error_number);
  }
  return received;
}

Received Channel::receive(Message expected) {
  std::optional<Received> received = read_message(message_name(expected));
  if (!received) throw PeerGone(concat("it ended before it said ", message_name(expected)));
  sequence_.advance(side_ == Side::kHost ? Side::kContainer : Side::kHost, received->message);
  if (received->message != expected)
    throw Error(concat("handshake: got ", message_name(received->message), " instead of ",
                       message_name(expected)));
  return std::move(*received);
}

void Channel::send_ready() {
  if (next() == Step{Side::kContainer, Message::kReady}) send(Message::kReady);
}

void Channel::receive_ready() {
  if (expects(Message::kReady)) receive(Message::kReady);
}

void Channel::wait_executed() {
  // For the end first: what comes right before it need not wake brig.
  if (may_wait_long()) {
    wait_for_answer(socket_.get(), patience_, 0);
    has_ended_ = true;
  }
  receive(Message::kExecuting);
  if (read_message("the end of the stream"))
    throw Error("handshake: got a message after Executing");
}

bool Channel::expects(Message message) const noexcept {
  const std::optional<Step> step = next();
  return step && step->sender != side_ && step->message == message;
}

}  // namespace brig::container
