// linux.seccomp: the whole way from JSON to the program that the kernel gets, which answers as the
// one that libseccomp makes of the whole profile.
#include "isolate/seccomp.h"

#include <linux/filter.h>

#include "../unit/isolate/filter_difference.h"
#include "base/concat.h"
#include "isolate/seccomp_cache.h"
#include "oci/parse.h"
#include "oci/validate.h"
#include "target.h"

namespace brig::fuzz {

namespace {

// To compare longer programs takes too long.
constexpr std::size_t kLongest = 400;

}  // namespace

void fuzz_seccomp(std::string_view input) {
  Config config;
  const std::string text = concat(
      R"({"ociVersion":"1.0.2","root":{"path":"r"},"linux":{"namespaces":[{"type":"mount"}],)"
      R"("seccomp":)",
      input, "}}");
  if (!accepts([&] { config = oci::parse_config(text); })) return;
  if (!accepts([&] { oci::validate(config); }) || !config.linux.seccomp) return;
  require(!isolate::seccomp_cache_key(*config.linux.seccomp).empty(), "a profile has a key");
  accepts([&] {
    const isolate::SeccompFilter filter = isolate::compile_seccomp(*config.linux.seccomp);
    require(!filter.bpf.empty() && filter.bpf.size() % sizeof(sock_filter) == 0,
            "a filter is whole instructions");
    const std::vector<sock_filter> whole = isolate::translate_seccomp(*config.linux.seccomp);
    require(whole.size() > kLongest ||
                isolate::test::difference(whole, isolate::test::instructions(filter.bpf)).empty(),
            "a filter answers as libseccomp's");
  });
}

}  // namespace brig::fuzz
