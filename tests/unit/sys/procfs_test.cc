#include "sys/procfs.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include "sys/file.h"

using namespace brig;
using sys::ProcScope;

TEST_CASE("open_proc_file reaches the process's own files and nothing else") {
  for (const ProcScope scope : {ProcScope::kProcesses, ProcScope::kWhole}) {
    const sys::OwnFd proc = sys::open_private_proc(scope).or_throw("open");
    CHECK(sys::open_proc_file(proc.get(), "self/stat", O_RDONLY));
    CHECK(sys::open_proc_file(proc.get(), "self/no_such_file", O_RDONLY).error() == ENOENT);
    CHECK(sys::open_proc_file(proc.get(), "self/root/etc", O_PATH).error() == ELOOP);
    CHECK(sys::open_proc_file(proc.get(), "self/exe", O_RDONLY).error() == ELOOP);
    CHECK(sys::open_proc_file(proc.get(), "self/../..", O_PATH).error() == EXDEV);
    CHECK(sys::open_proc_file(proc.get(), "/self/stat", O_RDONLY).error() == EXDEV);
  }
  const sys::OwnFd whole = sys::open_private_proc(ProcScope::kWhole).or_throw("open");
  CHECK(sys::open_proc_file(whole.get(), "sys/kernel/ostype", O_RDONLY));
}

TEST_CASE("write_proc_file writes what can be read back") {
  const sys::OwnFd self = sys::open_process_directory(0).or_throw("open");
  const std::string before = sys::read_file_at(self.get(), "comm").or_throw("read");
  CHECK(sys::write_proc_file(self.get(), "comm", "brig-test"));
  CHECK(*sys::read_file_at(self.get(), "comm") == "brig-test\n");
  CHECK(sys::write_proc_file(self.get(), "comm", before.substr(0, before.size() - 1)));
  CHECK(sys::write_proc_file(self.get(), "no_such_file", "x").error() == ENOENT);
}

TEST_CASE("open_process_directory knows living processes") {
  CHECK(sys::open_process_directory(::getpid()));
  CHECK(sys::open_process_directory(1));
  CHECK(sys::open_process_directory(2147483647).error() == ENOENT);
}

TEST_CASE("mount_point_in finds the first mount of a type") {
  constexpr std::string_view kMounts =
      "21 1 8:1 / / rw - ext4 /dev/resctrl rw\n"
      "22 21 0:5 / /my\\040mount rw shared:1 - resctrl resctrl rw\n"
      "23 21 0:5 / /elsewhere rw shared:1 master:2 - resctrl resctrl rw\n"
      "24 21 0:5 / /later rw - resctrl resctrl rw\n";
  CHECK(sys::mount_point_in(kMounts, "resctrl") == "/elsewhere");
  CHECK(sys::mount_point_in(kMounts, "ext4") == "/");
  CHECK(sys::mount_point_in(kMounts, "cgroup2").empty());
  CHECK(sys::mount_point_in("", "ext4").empty());
}
