// The file of `exec --process`.
#include "isolate/capabilities.h"
#include "oci/parse.h"
#include "oci/validate.h"
#include "target.h"

namespace brig::fuzz {

void fuzz_process(std::string_view input) {
  Process process;
  if (!accepts([&] { process = oci::parse_process(input); })) return;
  if (!accepts([&] { oci::validate_process(process, ""); })) return;
  if (!process.capabilities) return;
  const std::size_t inheritable = process.capabilities->inheritable.size();
  isolate::add_exec_capabilities(*process.capabilities, {"CAP_SYS_ADMIN"});
  require(process.capabilities->inheritable.size() == inheritable,
          "exec --cap adds nothing to the inheritable capabilities");
}

}  // namespace brig::fuzz
