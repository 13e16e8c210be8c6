// The record of a container on disk. What is written for it must read as the same again.
#include "oci/state.h"

#include "target.h"

namespace brig::fuzz {

void fuzz_state(std::string_view input) {
  oci::StateRecord record;
  if (!accepts([&] { record = oci::read_record(input); })) return;
  const std::string text = oci::write_record(record);
  require(oci::write_record(oci::read_record(text)) == text, "a record is written as it was read");
  for (const std::string& shown :
       {oci::hook_state_json(record, Status::kRunning, 1),
        oci::container_process_state_json(record, Status::kRunning, 1, 2)})
    require(shown.find('\n') == std::string::npos, "a state is one line");
}

}  // namespace brig::fuzz
