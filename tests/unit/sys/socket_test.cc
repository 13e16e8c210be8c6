#include "sys/socket.h"

#include <doctest/doctest.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cstring>

#include "sys/file.h"

using namespace brig::sys;

namespace {

std::pair<OwnFd, OwnFd> make_pair_or_die() { return make_seqpacket_pair().or_throw("socketpair"); }

struct ScratchFolder {
  std::string path;
  ScratchFolder() {
    char name[] = "/tmp/brig-socket-XXXXXX";
    path = ::mkdtemp(name);
  }
  ~ScratchFolder() { ::rmdir(path.c_str()); }
};

}  // namespace

TEST_CASE("messages keep their bounds and end with the peer") {
  auto [one, other] = make_pair_or_die();
  CHECK(send_message(one.get(), "first"));
  CHECK(send_message(one.get(), std::string(kMessageLimit, 'x')));
  one.reset();
  CHECK(receive_message(other.get())->bytes == "first");
  CHECK(receive_message(other.get())->bytes.size() == kMessageLimit);
  CHECK(receive_message(other.get())->end_of_stream);
}

TEST_CASE("a peer that ends without reading all still delivers, then shows its end") {
  auto [one, other] = make_pair_or_die();
  CHECK(send_message(other.get(), "unread"));
  CHECK(send_message(one.get(), "last words"));
  one.reset();
  CHECK(receive_message(other.get())->bytes == "last words");
  CHECK(receive_message(other.get())->end_of_stream);
}

TEST_CASE("sending refuses what the peer could not read") {
  auto [one, other] = make_pair_or_die();
  CHECK(send_message(one.get(), "").error() == EINVAL);
  CHECK(send_message(one.get(), std::string(kMessageLimit + 1, 'x')).error() == EMSGSIZE);
  other.reset();
  CHECK(send_message(one.get(), "x").error() == EPIPE);
}

TEST_CASE("a descriptor arrives close-on-exec and refers to the same file") {
  auto [one, other] = make_pair_or_die();
  const OwnFd file = open_at(AT_FDCWD, "/dev/null", O_RDONLY).or_throw("open");
  CHECK(send_message(one.get(), "m", file.get()));
  CHECK(send_message(one.get(), "n"));
  Result<Received> with = receive_message(other.get());
  REQUIRE(with->fd);
  CHECK(stat_fd(with->fd.get())->st_rdev == stat_fd(file.get())->st_rdev);
  CHECK((::fcntl(with->fd.get(), F_GETFD) & FD_CLOEXEC) != 0);
  CHECK_FALSE(receive_message(other.get())->fd);
}

TEST_CASE("a message that is too long or brings too many descriptors is a protocol error") {
  auto [one, other] = make_pair_or_die();
  const std::string long_text(kMessageLimit + 1, 'x');
  REQUIRE(::send(one.get(), long_text.data(), long_text.size(), 0) > 0);
  CHECK(receive_message(other.get()).error() == EPROTO);

  char byte = 'x';
  iovec body = {&byte, 1};
  alignas(cmsghdr) char control[CMSG_SPACE(2 * sizeof(int))] = {};
  msghdr message = {};
  message.msg_iov = &body;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  cmsghdr* header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(2 * sizeof(int));
  const int fds[2] = {one.get(), other.get()};
  std::memcpy(CMSG_DATA(header), fds, sizeof fds);
  REQUIRE(::sendmsg(one.get(), &message, 0) == 1);
  CHECK(receive_message(other.get()).error() == EPROTO);
}

TEST_CASE("sockets with short and with long paths are bound and reached") {
  ScratchFolder scratch;
  const std::string deep = scratch.path + "/" + std::string(120, 'd');
  REQUIRE(make_directory_at(AT_FDCWD, deep, 0700));
  for (const std::string& path : {scratch.path + "/s", deep + "/s"}) {
    CAPTURE(path);
    Result<OwnFd> server = bind_datagram(path);
    REQUIRE(server);
    CHECK(bind_datagram(path).error() == EADDRINUSE);
    Result<OwnFd> client = connect_unix(path, SOCK_DGRAM);
    REQUIRE(client);
    CHECK(send_message(client->get(), "hello"));
    CHECK(receive_message(server->get())->bytes == "hello");
    CHECK(connect_unix(path, SOCK_STREAM).error() == EPROTOTYPE);
    CHECK(unlink_at(AT_FDCWD, path));
    CHECK(connect_unix(path, SOCK_DGRAM).error() == ENOENT);
  }
  CHECK(unlink_at(AT_FDCWD, deep, AT_REMOVEDIR));
}

TEST_CASE("an abstract name is reached, and one that does not fit is refused") {
  const std::string name = brig::concat("brig-test-", ::getpid());
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path + 1, name.data(), name.size());
  const OwnFd server(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  REQUIRE(::bind(server.get(), reinterpret_cast<sockaddr*>(&address),
                 static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size())) == 0);
  Result<OwnFd> client = connect_unix("@" + name, SOCK_DGRAM);
  REQUIRE(client);
  CHECK(send_message(client->get(), "hi"));
  CHECK(receive_message(server.get())->bytes == "hi");
  CHECK(connect_unix("@" + std::string(200, 'a'), SOCK_DGRAM).error() == ENAMETOOLONG);
}

TEST_CASE("a listener that does not accept fails in the given time") {
  ScratchFolder scratch;
  const std::string path = scratch.path + "/s";
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  const OwnFd server(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  REQUIRE(::bind(server.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  REQUIRE(::listen(server.get(), 0) == 0);
  Result<OwnFd> waiting = connect_unix(path, SOCK_STREAM);
  CHECK(waiting);
  CHECK(connect_unix(path, SOCK_STREAM, std::chrono::milliseconds(20)).error() == EAGAIN);
  CHECK(unlink_at(AT_FDCWD, path));
}
