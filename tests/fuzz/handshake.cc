// What the container side, which an attacker might have taken over, says to the host side: the
// first byte chooses the protocol's optional parts, then come messages, each with its length in two
// bytes in front.
#include "container/handshake.h"

#include "sys/socket.h"
#include "target.h"

namespace brig::fuzz {

namespace {

using container::Channel;
using container::Message;
using container::Side;

container::SequenceOptions options_of(unsigned char bits) {
  const auto bit = [bits](unsigned number) { return (bits >> number & 1U) != 0; };
  return {.id_maps = bit(0),
          .late_cgroup = bit(1),
          .hooks = bit(2),
          .console = bit(3),
          .listener = bit(4),
          .executes_at_once = bit(5)};
}

// Takes part as create.cc does: answers what it must, expects what comes next.
void take_part(Channel& host) {
  for (std::optional<container::Step> step = host.next(); step; step = host.next()) {
    if (step->sender == Side::kHost)
      host.send(step->message);
    else if (step->message == Message::kExecuting)
      host.wait_executed();
    else
      host.receive(step->message);
  }
}

}  // namespace

void fuzz_handshake(std::string_view input) {
  if (input.empty()) return;
  const container::SequenceOptions options = options_of(static_cast<unsigned char>(input[0]));
  input.remove_prefix(1);
  auto [ours, theirs] = sys::make_seqpacket_pair().or_throw("make a pair of sockets");
  // As many as the socket holds for certain, so that no send waits.
  for (int sent = 0; input.size() > 2 && sent < 8; ++sent) {
    const std::size_t size = static_cast<unsigned char>(input[0]) |
                             static_cast<std::size_t>(static_cast<unsigned char>(input[1])) << 8U;
    const std::string_view message = input.substr(2, size);
    input.remove_prefix(2 + message.size());
    const int fd = (size & 1U) != 0 ? ours.get() : -1;
    sys::send_message(theirs.get(), message, fd).ignore("an empty one is none");
  }
  ::shutdown(theirs.get(), SHUT_WR);
  Channel host(std::move(ours), Side::kHost, options);
  accepts([&] { take_part(host); });
}

}  // namespace brig::fuzz
