// The profiles that engines really send compile, and answer as their authors meant them to.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <linux/audit.h>

#include <cerrno>

#include "bpf_interpreter.h"
#include "isolate/seccomp.h"
#include "oci/parse.h"
#include "sys/file.h"

using namespace brig;
using isolate::SeccompFilter;
using isolate::test::instructions;
using isolate::test::run;

namespace {

const std::string kCorpus = BRIG_TEST_DIR "/corpus";

Config corpus_config(const std::string& name) {
  return oci::parse_config(
      sys::read_file_at(AT_FDCWD, kCorpus + "/" + name).or_throw("read ", name));
}

constexpr std::uint32_t kX32 = 1U << 30U;

}  // namespace

TEST_CASE("every profile of the corpus compiles") {
  int profiles = 0;
  for (const sys::DirectoryEntry& entry :
       sys::list_directory(AT_FDCWD, kCorpus).or_throw("list ", kCorpus)) {
    if (!entry.name.ends_with(".config.json")) continue;
    CAPTURE(entry.name);
    const Config config = corpus_config(entry.name);
    if (!config.linux.seccomp) continue;
    CHECK_FALSE(isolate::compile_seccomp(*config.linux.seccomp).bpf.empty());
    ++profiles;
  }
  CHECK(profiles >= 10);
}

// libseccomp's rules for socket(2) on x86, which has socketcall(2) as well, depend on the order in
// which they come: adding them in another order than the profile's was refused with EEXIST.
TEST_CASE("Podman's rules for audit sockets hold on every architecture") {
  const Config config = corpus_config("podman-default.config.json");
  REQUIRE(config.linux.seccomp);
  const std::vector<sock_filter> program =
      instructions(isolate::compile_seccomp(*config.linux.seccomp).bpf);
  constexpr std::uint64_t kNetlink = 16, kAudit = 9, kInet = 2;
  struct {
    std::uint32_t arch;
    std::uint32_t socket;
  } const abis[] = {
      {AUDIT_ARCH_X86_64, 41}, {AUDIT_ARCH_X86_64, kX32 + 41}, {AUDIT_ARCH_I386, 359}};
  for (const auto& abi : abis) {
    CAPTURE(abi.arch);
    CAPTURE(abi.socket);
    const auto result = [&](std::uint64_t family, std::uint64_t protocol) {
      return run(
          program,
          {.nr = static_cast<int>(abi.socket), .arch = abi.arch, .args = {family, 1, protocol}});
    };
    CHECK(result(kNetlink, kAudit) == (SECCOMP_RET_ERRNO | EINVAL));
    CHECK(result(kNetlink, 0) == SECCOMP_RET_ALLOW);
    CHECK(result(kInet, kAudit) == SECCOMP_RET_ALLOW);
    CHECK(result(kInet, 0) == SECCOMP_RET_ALLOW);
  }
}
