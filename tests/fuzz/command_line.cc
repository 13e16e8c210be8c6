// The command line, one argument a line.
#include "cli/args.h"

#include "cli/globals.h"
#include "cli/limits.h"
#include "cli/values.h"
#include "container/store.h"
#include "target.h"

namespace brig::fuzz {

namespace {

void read_values(const std::vector<std::string>& words) {
  for (const std::string& word : words) {
    cli::parse_bool(word);
    cli::parse_size(word);
    cli::parse_duration(word);
    cli::parse_user(word);
    cli::parse_listen_fds(word.c_str(), word.c_str(), 1);
    accepts([&] {
      container::check_id(word);
      require(!word.empty() && word[0] != '.' && word.find('/') == std::string::npos,
              "an id is the name of a folder that can be seen");
    });
  }
}

}  // namespace

void fuzz_command_line(std::string_view input) {
  // As from execve(2): no argument holds a NUL byte.
  if (input.find('\0') != std::string_view::npos) return;
  std::vector<std::string> words = lines_of(input);
  words.insert(words.begin(), "brig");
  std::vector<char*> argv;
  argv.reserve(words.size() + 1);
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  read_values(words);
  cli::Arguments arguments;
  if (!accepts([&] { arguments.parse(static_cast<int>(words.size()), argv.data()); })) return;
  accepts([&] { cli::runtime_options(arguments); });
  accepts([&] { cli::log_settings(arguments); });
  if (arguments.command() != nullptr && arguments.command()->id == cli::CommandId::kUpdate)
    accepts([&] { cli::resources_from_options(arguments); });
}

}  // namespace brig::fuzz
