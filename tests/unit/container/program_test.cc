#include "container/program.h"

#include <doctest/doctest.h>
#include <elf.h>
#include <sys/utsname.h>

#include "brig/error.h"
#include "tests/unit/scratch_folder.h"

using namespace brig;
using container::execute_program;
using container::find_program;
using test::ScratchFolder;

namespace {

std::string failure_of_execution(const std::string& path,
                                 const std::vector<std::string>& args = {"x"}) {
  try {
    execute_program(path, args, {});
  } catch (const Error& error) {
    return error.what();
  }
}

std::string failure_of_search(const std::string& name, const std::vector<std::string>& env) {
  try {
    return "found " + find_program(name, env);
  } catch (const Error& error) {
    return error.what();
  }
}

// The test program's own first bytes: a true ELF header of this machine, to be changed at will.
std::string own_header() {
  const sys::OwnFd self = sys::open_at(AT_FDCWD, "/proc/self/exe", O_RDONLY).or_throw("open self");
  return sys::read_part(self.get(), 0, 64).or_throw("read self");
}

std::string host_machine() {
  utsname host = {};
  ::uname(&host);
  return host.machine;
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a program without a slash is searched in PATH as runc does") {
  const ScratchFolder scratch;
  const std::string tool = scratch.file("tool", "#!/bin/sh\n");
  (void)scratch.file("data", "text", 0644);
  REQUIRE(sys::make_directory_at(AT_FDCWD, scratch.path("folder"), 0755));
  const std::vector<std::string> env = {"PATH=/nonexistent", "X=1",
                                        "PATH=/nonexistent:" + scratch.path()};
  CHECK(find_program("tool", env) == tool);
  CHECK(find_program("sh", {}).ends_with("/sh"));
  CHECK(failure_of_search("none", env) == "exec: \"none\": executable file not found in $PATH");
  CHECK(failure_of_search("folder", env) == "exec: \"folder\": executable file not found in $PATH");
  CHECK(failure_of_search("", env) == "exec: \"\": executable file not found in $PATH");
  CHECK(failure_of_search("sh", {"PATH="}) == "exec: \"sh\": executable file not found in $PATH");
  CHECK(failure_of_search("data", env) ==
        "exec: \"data\": executable file not found in $PATH: " + scratch.path("data") +
            ": permission denied: it has no execute permission (mode 0644)");
}

TEST_CASE("an empty element of PATH is the working directory") {
  CHECK(failure_of_search("no-such-program", {"PATH=:"}) ==
        "exec: \"no-such-program\": executable file not found in $PATH");
  const ScratchFolder scratch;
  (void)scratch.file("tool", "");
  const sys::OwnFd before = sys::open_at(AT_FDCWD, ".", O_PATH).or_throw("open .");
  REQUIRE(::chdir(scratch.path().c_str()) == 0);
  const std::string found = failure_of_search("tool", {"PATH=/nonexistent:"});
  REQUIRE(::fchdir(before.get()) == 0);
  CHECK(found == "found ./tool");
}

TEST_CASE("a program with a slash is taken as it is, or the reason is given") {
  const ScratchFolder scratch;
  const std::string tool = scratch.file("tool", "");
  const std::string data = scratch.file("data", "text", 0640);
  CHECK(find_program(tool, {}) == tool);
  CHECK(failure_of_search(scratch.path("none"), {}) ==
        "exec: \"" + scratch.path("none") + "\": no such file or directory");
  CHECK(failure_of_search(scratch.path(), {}) ==
        "exec: \"" + scratch.path() + "\": permission denied: it is a directory");
  CHECK(failure_of_search(data, {}) ==
        "exec: \"" + data + "\": permission denied: it has no execute permission (mode 0640)");
  CHECK(failure_of_search(data + "/x", {}) == "exec: \"" + data + "/x\": not a directory");
}

TEST_CASE("a failed execution names its cause") {
  const ScratchFolder scratch;
  struct Case {
    const char* file;
    const char* data;
    const char* cause;
  };
  const Case cases[] = {
      {"empty", "", ": exec format error: the file is empty"},
      {"text", "echo hello\n",
       ": exec format error: it is neither an ELF program nor a script that starts with #!"},
      {"lost", "#!/no/such/shell -e\n",
       ": no such file or directory: its interpreter /no/such/shell does not exist"},
      {"windows", "#!/bin/sh\r\necho\r\n",
       ": no such file or directory: its first line names the interpreter \"/bin/sh\\r\": it has "
       "Windows line ends (CRLF), save it with Unix ones (dos2unix)"},
      {"cut",
       "\x7f"
       "ELF\x02",
       ": exec format error: its ELF header is damaged or cut short"},
  };
  for (const Case& one : cases) {
    const std::string path = scratch.file(one.file, one.data);
    CHECK(failure_of_execution(path) == "exec: \"" + path + "\"" + one.cause);
  }
  const std::string broken = scratch.path("link");
  REQUIRE(sys::make_symlink_at("/no/where", AT_FDCWD, broken));
  CHECK(failure_of_execution(broken) ==
        "exec: \"" + broken +
            "\": no such file or directory: it is a symbolic link to /no/where, which does not "
            "exist");
}

TEST_CASE("a program for another machine names both machines") {
  const ScratchFolder scratch;
  std::string header = own_header();
  const bool is_arm = host_machine() == "aarch64";
  header[18] = static_cast<char>(is_arm ? EM_X86_64 : EM_AARCH64);
  const std::string path = scratch.file("foreign", header);
  CHECK(failure_of_execution(path) ==
        "exec: \"" + path + "\": exec format error: it is built for " +
            (is_arm ? "x86_64" : "aarch64") + ", this machine is " + host_machine());
}

TEST_CASE("a missing ELF interpreter is named, also behind a script") {
  const ScratchFolder scratch;
  std::string file = own_header();
  auto* header = reinterpret_cast<Elf64_Ehdr*>(file.data());
  header->e_phoff = 64;
  header->e_phnum = 1;
  Elf64_Phdr segment = {};
  segment.p_type = PT_INTERP;
  segment.p_offset = 64 + sizeof segment;
  const std::string linker("/lib/ld-none.so.1\0", 18);
  segment.p_filesz = linker.size();
  file.append(reinterpret_cast<const char*>(&segment), sizeof segment).append(linker);
  const std::string program = scratch.file("program", file);
  const std::string cause = "its ELF interpreter /lib/ld-none.so.1 does not exist";
  CHECK(contains(failure_of_execution(program), "program\": no such file or directory: " + cause));
  const std::string script = scratch.file("script", "#!" + program + "\n");
  CHECK(contains(failure_of_execution(script),
                 "script\": no such file or directory: its "
                 "interpreter " +
                     program + ": " + cause));
}

TEST_CASE("missing permission is explained, also of the interpreter and of folders") {
  const ScratchFolder scratch;
  const std::string data = scratch.file("data", "", 0644);
  CHECK(failure_of_execution(data) ==
        "exec: \"" + data + "\": permission denied: it has no execute permission (mode 0644)");
  const std::string script = scratch.file("script", "#!" + data + "\n");
  CHECK(failure_of_execution(script) == "exec: \"" + script +
                                            "\": permission denied: its interpreter " + data +
                                            ": it has no execute permission (mode 0644)");
  CHECK(contains(failure_of_execution(scratch.path()), "permission denied: it is a directory"));
  CHECK(contains(failure_of_execution("/dev/null"), "permission denied: it is not a regular file"));
}

TEST_CASE("too long arguments are counted") {
  const std::string path = "/bin/true";
  CHECK(
      contains(failure_of_execution(path, {"x", std::string(200'000, 'a')}),
               "argument list too long: the argument or variable \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
               "...\" has 200000 bytes, the kernel takes 131071"));
  CHECK(contains(failure_of_execution(path, std::vector(100, std::string(100'000, 'a'))),
                 "arguments and environment have 10000900 bytes together"));
}
