// The entry that libFuzzer calls. The environment variable FUZZ_TARGET names the target.
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "target.h"

namespace {

const brig::fuzz::Target& chosen_target() {
  const char* name = std::getenv("FUZZ_TARGET");  // NOLINT(concurrency-mt-unsafe): one thread
  const brig::fuzz::Target* target = name == nullptr ? nullptr : brig::fuzz::find_target(name);
  if (target == nullptr) {
    std::fputs("FUZZ_TARGET must be one of:\n", stderr);
    for (const brig::fuzz::Target& known : brig::fuzz::targets())
      std::fprintf(stderr, "  %s\n", known.name);
    std::_Exit(2);
  }
  return *target;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const brig::fuzz::Target& target = chosen_target();
  target.run({reinterpret_cast<const char*>(data), size});
  return 0;
}
