// What the hostile root file system and the container's processes give brig to read: /etc/passwd,
// the beginning of a program that cannot be executed, a datagram to the notify socket.
#include "container/notify_socket.h"
#include "container/program_format.h"
#include "isolate/credentials.h"
#include "target.h"

namespace brig::fuzz {

void fuzz_container_files(std::string_view input) {
  for (const std::uint32_t uid : {0U, 1000U, 4294967295U})
    require(isolate::find_home(input, uid).find('\n') == std::string::npos,
            "a home directory is within its line");
  isolate::find_user_name(input, 0);
  container::says_ready(input);
  const container::ProgramFormat format =
      container::parse_program_format(input.substr(0, container::kProgramHeadSize));
  if (!format.elf) return;
  require(!container::machine_name(*format.elf).empty(), "a machine has a name");
  container::runs_on(*format.elf, "x86_64");
}

}  // namespace brig::fuzz
