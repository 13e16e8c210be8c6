#include "cli/completion.h"

#include <doctest/doctest.h>

#include <string>

#include "base/concat.h"
#include "cli/table.h"

using namespace brig::cli;
using brig::concat;

TEST_CASE("completions offer every command and option, and no hidden one") {
  for (const char* shell : {"bash", "zsh", "fish"}) {
    const auto script = completion_script(shell);
    REQUIRE(script);
    const std::string dashes = shell == std::string("fish") ? " -l " : "--";
    const auto offers = [&](const std::string& text) {
      return script->find(text) != std::string::npos;
    };
    for (const Command& command : kCommands) {
      if (command.hidden) continue;
      CHECK(offers(command.name));
      for (const Option& option : command.options)
        if (!option.hidden) CHECK_MESSAGE(offers(dashes + option.name), option.name);
    }
    CHECK(offers(dashes + "cgroup-manager"));
    CHECK_FALSE(offers(dashes + "kernel-memory "));
    CHECK_FALSE(offers(dashes + "rootless true"));
  }
}

TEST_CASE("quotes in help texts do not end the quotes of the script") {
  CHECK(completion_script("zsh")->find("the bundle'\\''s config.json") != std::string::npos);
  CHECK(completion_script("fish")->find("the bundle\\'s config.json") != std::string::npos);
}

TEST_CASE("there is no completion for an unknown shell") {
  CHECK_FALSE(completion_script("tcsh"));
  CHECK_FALSE(completion_script(""));
}
