// A D-Bus peer for tests, on the Unix socket SOCKET that it makes and is ready when it exists.
//   bus-peer relay SOCKET TARGET   passes everything on to the Unix socket TARGET and back. Prints
//                                  "connected" for each connection, and at its end how many
//                                  messages went each way and the names of calls and signals.
//   bus-peer silent SOCKET         accepts connections and never says anything
//   bus-peer mute SOCKET           lets everybody in, and does not answer to any call
//   bus-peer jobless SOCKET        answers to calls with a job that never ends
//   bus-peer error SOCKET          answers to calls with an error
//   bus-peer closing SOCKET        closes the connection at the first call
//   bus-peer failing SOCKET        answers to calls with a job, which then fails
//   bus-peer garbage SOCKET        answers with bytes that are no message
// Ends with the signal that its caller sends.
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dbus/message.h"
#include "sys/fd.h"

namespace {

using brig::dbus::Message;
using brig::dbus::MessageType;
using brig::sys::OwnFd;

constexpr const char* kJob = "/org/freedesktop/systemd1/job/1";

[[noreturn]] void fail(const char* what) {
  std::perror(what);
  ::_exit(1);
}

sockaddr_un address_of(const char* path) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  if (std::strlen(path) >= sizeof address.sun_path) fail("path of the socket");
  std::memcpy(address.sun_path, path, std::strlen(path) + 1);
  return address;
}

OwnFd listen_at(const char* path) {
  // A file that exists is the target of a bind mount: the socket takes its place.
  const std::string temporary = std::string(path) + ".new";
  const sockaddr_un address = address_of(temporary.c_str());
  OwnFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket ||
      ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(socket.get(), 16) != 0 || ::rename(temporary.c_str(), path) != 0)
    fail("listen");
  return socket;
}

OwnFd connect_to(const char* path) {
  const sockaddr_un address = address_of(path);
  OwnFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket ||
      ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    fail("connect");
  return socket;
}

void put(int socket, const std::string& bytes) {
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t sent = ::send(socket, bytes.data() + done, bytes.size() - done, MSG_NOSIGNAL);
    if (sent < 0) return;
    done += static_cast<std::size_t>(sent);
  }
}

// The messages in one direction of a connection, which begins with lines of text.
class Stream {
 public:
  // Takes the next message out of what was added.
  std::optional<Message> next() {
    while (!begun_) {
      // The client's lines end with BEGIN, those of the other side with the first message.
      begun_ = bytes_.starts_with('l') || (!lines_.empty() && lines_.back() == "BEGIN");
      if (begun_) break;
      const std::size_t end = bytes_.find("\r\n");
      if (end == std::string::npos) return std::nullopt;
      lines_.push_back(bytes_.substr(0, end));
      bytes_.erase(0, end + 2);
    }
    const std::optional<std::size_t> size = brig::dbus::message_size(bytes_);
    if (!size || *size > bytes_.size()) return std::nullopt;
    Message message = brig::dbus::decode(std::string_view(bytes_).substr(0, *size));
    bytes_.erase(0, *size);
    return message;
  }
  void add(std::string_view bytes) { bytes_.append(bytes); }
  [[nodiscard]] const std::vector<std::string>& lines() const { return lines_; }

 private:
  std::string bytes_;
  std::vector<std::string> lines_;
  bool begun_ = false;
};

// One connection: `client` is who connected to us, `target` is where we pass it on to.
struct Link {
  OwnFd client;
  OwnFd target;
  Stream from_client;
  Stream from_target;
  unsigned sent = 0;      // by the client
  unsigned received = 0;  // by the client
  std::string names;
  std::size_t greeted = 0;
};

void report(const Link& link) {
  std::printf("sent %u received %u:%s\n", link.sent, link.received, link.names.c_str());
  std::fflush(stdout);
}

void count(Stream& stream, unsigned& number, std::string& names) {
  while (const std::optional<Message> message = stream.next()) {
    ++number;
    if (!message->member.empty()) names += ' ' + message->member;
  }
}

// Passes on what one side said; false at its end.
bool relay(int from, int to, Stream& stream, unsigned& number, std::string& names) {
  char bytes[65536];
  const ssize_t got = ::recv(from, bytes, sizeof bytes, 0);
  if (got <= 0) return false;
  const std::string_view text(bytes, static_cast<std::size_t>(got));
  put(to, std::string(text));
  stream.add(text);
  count(stream, number, names);
  return true;
}

Message answer_to(const Message& call, MessageType type) {
  Message answer;
  answer.type = type;
  answer.serial = call.serial + 100;
  answer.reply_serial = call.serial;
  return answer;
}

std::string job_ended() {
  Message signal;
  signal.type = MessageType::kSignal;
  signal.serial = 1000;
  signal.path = "/org/freedesktop/systemd1";
  signal.interface = "org.freedesktop.systemd1.Manager";
  signal.member = "JobRemoved";
  brig::dbus::Value job = brig::dbus::string(kJob);
  job.type = 'o';
  brig::dbus::make_body(signal, {brig::dbus::uint32(1), job, brig::dbus::string("x.scope"),
                                 brig::dbus::string("failed")});
  return brig::dbus::encode(signal);
}

// What a fake says to a call; false: it closes the connection.
bool play(const std::string& part, int client, const Message& call) {
  if (part == "closing") return false;
  if (part == "garbage") put(client, std::string(64, '\xff'));
  if (part == "error") {
    Message answer = answer_to(call, MessageType::kError);
    answer.error_name = "org.freedesktop.DBus.Error.AccessDenied";
    brig::dbus::make_body(answer, {brig::dbus::string("Not today.")});
    put(client, brig::dbus::encode(answer));
  }
  if (part == "jobless" || part == "failing") {
    Message answer = answer_to(call, MessageType::kReturn);
    brig::dbus::Value job = brig::dbus::string(kJob);
    job.type = 'o';
    brig::dbus::make_body(answer, {job});
    put(client, brig::dbus::encode(answer));
  }
  if (part == "failing") put(client, job_ended());
  return true;
}

// What a fake does with what it hears; false at the end.
bool hear(const std::string& part, Link& link) {
  char bytes[65536];
  const ssize_t got = ::recv(link.client.get(), bytes, sizeof bytes, 0);
  if (got <= 0) return false;
  if (part == "silent") return true;
  link.from_client.add({bytes, static_cast<std::size_t>(got)});
  const std::optional<Message> call = link.from_client.next();
  if (link.greeted == 0 && !link.from_client.lines().empty()) {
    ++link.greeted;
    put(link.client.get(), part == "relay" ? "" : "DATA\r\nOK 0123456789abcdef\r\n");
  }
  return !call || play(part, link.client.get(), *call);
}

bool serve(const std::string& part, Link& link, short client, short target) {
  if (!link.target) return client == 0 || hear(part, link);
  if (client != 0 &&
      !relay(link.client.get(), link.target.get(), link.from_client, link.sent, link.names))
    return false;
  return target == 0 ||
         relay(link.target.get(), link.client.get(), link.from_target, link.received, link.names);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  const std::string part = argv[1];
  const OwnFd listener = listen_at(argv[2]);
  std::vector<std::unique_ptr<Link>> links;
  for (;;) {
    std::vector<pollfd> watches = {{listener.get(), POLLIN, 0}};
    for (const auto& link : links) {
      watches.push_back({link->client.get(), POLLIN, 0});
      watches.push_back({link->target.get(), POLLIN, 0});
    }
    if (::poll(watches.data(), watches.size(), -1) < 0) fail("poll");
    for (std::size_t i = links.size(); i-- > 0;) {
      if (serve(part, *links[i], watches[1 + 2 * i].revents, watches[2 + 2 * i].revents)) continue;
      if (part == "relay") report(*links[i]);
      links.erase(links.begin() + static_cast<std::ptrdiff_t>(i));
    }
    if (watches[0].revents == 0) continue;
    auto link = std::make_unique<Link>();
    link->client.reset(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (part == "relay") {
      link->target = connect_to(argv[3]);
      std::puts("connected");
      std::fflush(stdout);
    }
    links.push_back(std::move(link));
  }
}
