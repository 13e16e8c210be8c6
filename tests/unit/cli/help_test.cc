#include "cli/help.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "base/concat.h"

using namespace brig::cli;
using brig::concat;

namespace {

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// `text` with every run of white space made one blank.
std::string one_line(const std::string& text) {
  std::string out;
  for (const char letter : text)
    if (letter != ' ' && letter != '\n')
      out.push_back(letter);
    else if (!out.ends_with(' '))
      out.push_back(' ');
  return out;
}

}  // namespace

TEST_CASE("the global help names every command and global option that is offered") {
  const std::string help = global_help();
  for (const Command& command : kCommands)
    CHECK(contains(help, concat("\n  ", command.name, " ")) != command.hidden);
  for (const Option& option : kGlobalOptions)
    CHECK(contains(help, concat(" --", option.name, option.is_switch() ? " " : "")) !=
          option.hidden);
}

TEST_CASE("the help of a command names all its options that are offered") {
  for (const Command& command : kCommands) {
    const std::string help = command_help(command);
    CHECK(contains(help, concat("usage: brig [GLOBAL-OPTION]... ", command.name)));
    CHECK(contains(help, command.operands));
    CHECK(contains(help, "  -h, --help  "));
    for (const Option& option : command.options)
      if (!option.hidden) CHECK_MESSAGE(contains(one_line(help), option.help), option.name);
  }
}

TEST_CASE("no line of a help text is wider than a terminal") {
  std::vector<std::string> texts = {global_help()};
  for (const Command& command : kCommands) texts.push_back(command_help(command));
  for (const std::string& text : texts) {
    std::size_t start = text.find("\n\n");  // after the heading
    while (start != std::string::npos) {
      const std::size_t end = text.find('\n', start + 1);
      const std::string line = text.substr(start, end - start);
      if (!line.starts_with("\nusage")) CHECK_MESSAGE(line.size() <= 81, line);
      start = end;
    }
  }
}
