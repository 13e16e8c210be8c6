#include "isolate/seccomp_enosys.h"

#include <doctest/doctest.h>
#include <linux/audit.h>

#include <cerrno>

#include "bpf_interpreter.h"

using brig::isolate::enosys_stub;
using brig::isolate::SyscallAbi;
using brig::isolate::test::run;

namespace {

constexpr std::uint32_t kX32 = 1U << 30U;
constexpr std::uint32_t kEnosys = SECCOMP_RET_ERRNO | ENOSYS;
constexpr std::uint32_t kFilter = SECCOMP_RET_ERRNO | 77;  // what the filter behind the stub says

// The result for a call with the stub in front of a filter that always says kFilter.
std::uint32_t result(const std::vector<SyscallAbi>& abis, std::uint32_t arch, std::uint32_t nr) {
  std::vector<sock_filter> program = enosys_stub(abis);
  program.push_back(BPF_STMT(BPF_RET | BPF_K, kFilter));
  return run(program, {.nr = static_cast<int>(nr), .arch = arch});
}

}  // namespace

TEST_CASE("the ENOSYS rule starts right above the last system call of each architecture") {
  const std::vector<SyscallAbi> abis = {
      {.audit_arch = AUDIT_ARCH_X86_64, .last = 450},
      {.audit_arch = AUDIT_ARCH_I386, .last = 460},
      {.audit_arch = AUDIT_ARCH_X86_64, .x32 = true, .last = kX32 + 547},
      {.audit_arch = AUDIT_ARCH_AARCH64, .last = 440},
      {.audit_arch = AUDIT_ARCH_S390X, .last = 300},
      {.audit_arch = AUDIT_ARCH_ARM, .last = 450},
  };
  struct {
    std::uint32_t arch;
    std::uint32_t nr;
    std::uint32_t expected;
  } const cases[] = {
      {AUDIT_ARCH_X86_64, 0, kFilter},
      {AUDIT_ARCH_X86_64, 450, kFilter},
      {AUDIT_ARCH_X86_64, 451, kEnosys},
      {AUDIT_ARCH_X86_64, kX32 - 1, kEnosys},
      {AUDIT_ARCH_X86_64, kX32, kFilter},
      {AUDIT_ARCH_X86_64, kX32 + 547, kFilter},
      {AUDIT_ARCH_X86_64, kX32 + 548, kEnosys},
      {AUDIT_ARCH_X86_64, 0x80000000U, kEnosys},
      {AUDIT_ARCH_X86_64, 0xffffffffU, kEnosys},
      {AUDIT_ARCH_I386, 460, kFilter},
      {AUDIT_ARCH_I386, 461, kEnosys},
      {AUDIT_ARCH_I386, 0, kFilter},
      {AUDIT_ARCH_AARCH64, 440, kFilter},
      {AUDIT_ARCH_AARCH64, 441, kEnosys},
      {AUDIT_ARCH_S390X, 0, kEnosys},
      {AUDIT_ARCH_S390X, 1, kFilter},
      {AUDIT_ARCH_S390X, 300, kFilter},
      {AUDIT_ARCH_S390X, 301, kEnosys},
      {AUDIT_ARCH_ARM, 450, kFilter},
      {AUDIT_ARCH_ARM, 451, kEnosys},
      {AUDIT_ARCH_ARM, 0x0effff, kEnosys},
      {AUDIT_ARCH_ARM, 0x0f0005, kFilter},
      {AUDIT_ARCH_PPC64LE, 9999, kFilter},
  };
  for (const auto& item : cases) {
    CAPTURE(item.arch);
    CAPTURE(item.nr);
    CHECK(result(abis, item.arch, item.nr) == item.expected);
  }
}

TEST_CASE("x86-64 without x32 leaves x32 calls to the filter") {
  const std::vector<SyscallAbi> abis = {{.audit_arch = AUDIT_ARCH_X86_64, .last = 10}};
  CHECK(result(abis, AUDIT_ARCH_X86_64, 11) == kEnosys);
  CHECK(result(abis, AUDIT_ARCH_X86_64, kX32 + 500) == kFilter);
}

TEST_CASE("no architectures need no rule") { CHECK(enosys_stub({}).empty()); }
