// Gives the fuzz targets the inputs that are kept: with any compiler, without libFuzzer.
//   replay                       all of tests/fuzz/corpus, and what engines write in tests/corpus
//   replay TARGET FILE...        these files, for example one that `make fuzz` has found
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "base/concat.h"
#include "sys/file.h"
#include "target.h"

namespace brig::fuzz {

namespace {

// Seen when the program is ended by a finding.
void say_what_runs(const Target& target, const std::string& file) {
  std::fprintf(stderr, "%s %s\n", target.name, file.c_str());
}

void replay(const Target& target, const std::string& file) {
  const std::string input = sys::read_file_at(AT_FDCWD, file).or_throw("read ", file);
  say_what_runs(target, file);
  // A copy of just this size, so that AddressSanitizer sees what is read beyond its end.
  const std::vector<char> bytes(input.begin(), input.end());
  target.run({bytes.data(), bytes.size()});
}

// Replays the files of `folder` whose names end with `ending`; how many there were.
int replay_folder(const Target& target, const std::string& folder, std::string_view ending) {
  int count = 0;
  for (const sys::DirectoryEntry& entry :
       sys::list_directory(AT_FDCWD, folder).or_throw("list ", folder)) {
    if (!std::string_view(entry.name).ends_with(ending) || entry.name.starts_with('.')) continue;
    replay(target, concat(folder, '/', entry.name));
    ++count;
  }
  return count;
}

int replay_target(const Target& target) {
  const std::string tests = BRIG_TEST_DIR;
  int count = replay_folder(target, concat(tests, "/fuzz/corpus/", target.name), "");
  if (std::strcmp(target.name, "config") == 0)
    count += replay_folder(target, concat(tests, "/corpus"), ".config.json");
  if (std::strcmp(target.name, "process") == 0)
    count += replay_folder(target, concat(tests, "/corpus"), ".process.json");
  if (count == 0) throw Error(concat(target.name, ": no input is kept for it"));
  return count;
}

int run(int argc, char** argv) {
  if (argc > 2) {
    const Target* target = find_target(argv[1]);
    if (target == nullptr) throw Error(concat(argv[1], " is no target"));
    for (int i = 2; i < argc; ++i) replay(*target, argv[i]);
    return 0;
  }
  for (const Target& target : targets())
    std::printf("%s: %d inputs\n", target.name, replay_target(target));
  return 0;
}

}  // namespace

}  // namespace brig::fuzz

int main(int argc, char** argv) {
  try {
    return brig::fuzz::run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "replay: %s\n", error.what());
    return 1;
  }
}
