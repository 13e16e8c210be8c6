// What the containers of tests/vm/limits run where busybox cannot: it prints what it sees.
//   limits-probe huge COUNT reserve|touch     maps COUNT huge pages of 2 MiB, which are taken
//                                             by mmap(2), or only when they are used
//   limits-probe access NODE r|w|rw           succeeds unless the device filter denies that open
//   limits-probe hammer ALLOWED DENIED STOP   opens both device nodes without pause until the file
//                                             STOP exists, and counts what went wrong
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

constexpr std::size_t kHugePage = std::size_t{2} << 20U;

void on_bus_error(int /*signal*/) {
  constexpr char kText[] = "SIGBUS\n";
  (void)!::write(STDOUT_FILENO, kText, sizeof kText - 1);
  ::_exit(0);
}

int huge(std::size_t count, bool reserve) {
  (void)std::signal(SIGBUS, on_bus_error);
  int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB;
  if (!reserve) flags |= MAP_NORESERVE;
  void* const memory = ::mmap(nullptr, count * kHugePage, PROT_READ | PROT_WRITE, flags, -1, 0);
  if (memory == MAP_FAILED) {
    std::printf("mmap: %s\n", std::strerror(errno));
    return 0;
  }
  for (std::size_t page = 0; page < count; ++page)
    static_cast<volatile char*>(memory)[page * kHugePage] = 1;
  std::puts("used");
  return 0;
}

// A number without a driver is fine (ENXIO): the filter is asked first.
bool opens(const char* node, int mode) {
  const int fd = ::open(node, mode | O_NONBLOCK | O_CLOEXEC);
  const bool denied = fd < 0 && errno == EPERM;
  if (fd >= 0) ::close(fd);
  return !denied;
}

int access(const char* node, const char* how) {
  const bool write = std::strchr(how, 'w') != nullptr;
  const bool both = std::strlen(how) == 2;
  return opens(node, both ? O_RDWR : write ? O_WRONLY : O_RDONLY) ? 0 : 1;
}

int hammer(const char* allowed, const char* denied, const char* stop) {
  unsigned long rounds = 0;
  unsigned long wrongly_denied = 0;
  unsigned long wrongly_allowed = 0;
  std::puts("hammering");
  (void)std::fflush(stdout);
  while (::access(stop, F_OK) != 0) {
    for (int i = 0; i < 100; ++i, ++rounds) {
      if (!opens(allowed, O_RDONLY)) ++wrongly_denied;
      if (opens(denied, O_RDONLY)) ++wrongly_allowed;
    }
  }
  std::printf("rounds %lu denied %lu allowed %lu\n", rounds, wrongly_denied, wrongly_allowed);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 4 && std::strcmp(argv[1], "huge") == 0)
    return huge(std::strtoul(argv[2], nullptr, 10), std::strcmp(argv[3], "reserve") == 0);
  if (argc == 4 && std::strcmp(argv[1], "access") == 0) return access(argv[2], argv[3]);
  if (argc == 5 && std::strcmp(argv[1], "hammer") == 0) return hammer(argv[2], argv[3], argv[4]);
  (void)std::fputs(
      "usage: limits-probe huge COUNT reserve|touch | access NODE r|w|rw | "
      "hammer ALLOWED DENIED STOP\n",
      stderr);
  return 2;
}
