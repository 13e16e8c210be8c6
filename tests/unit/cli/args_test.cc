#include "cli/args.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <cstring>

#include "parsed.h"

using brig::cli::Arguments;
using brig::cli::Command;
using brig::cli::CommandId;
using brig::cli::kCommands;
using brig::cli::kGlobalOptions;
using brig::cli::Option;
using brig::cli::parsed;
using brig::cli::usage_error;
using brig::cli::UsageError;

namespace {

// The error of a command line that must be refused.
std::string refusal(const std::vector<std::string>& words) {
  return usage_error([&] { parsed(words); });
}

using Words = std::vector<std::string>;

}  // namespace

TEST_CASE("options are found before the command, behind it and behind the operand") {
  const Arguments arguments =
      parsed({"--root", "/a", "-log=/b", "--systemd-cgroup", "create", "--bundle", "/c", "ctr",
              "--pid-file=/d", "-no-pivot", "--debug"});
  REQUIRE(arguments.command() != nullptr);
  CHECK(arguments.command()->id == CommandId::kCreate);
  CHECK(arguments.operands() == Words{"ctr"});
  CHECK(arguments.text("root") == "/a");
  CHECK(arguments.text("log") == "/b");
  CHECK(arguments.flag("systemd-cgroup"));
  CHECK(arguments.flag("debug"));
  CHECK(arguments.text("bundle") == "/c");
  CHECK(arguments.text("pid-file") == "/d");
  CHECK(arguments.flag("no-pivot"));
  CHECK_FALSE(arguments.flag("no-new-keyring"));
  CHECK_FALSE(arguments.given("console-socket"));
  CHECK(arguments.text("console-socket").empty());
}

TEST_CASE("the environment does not change how options are found") {
  setenv("POSIXLY_CORRECT", "1", 1);
  const Arguments arguments = parsed({"delete", "ctr", "--force"});
  unsetenv("POSIXLY_CORRECT");
  CHECK(arguments.flag("force"));
  CHECK(arguments.operands() == Words{"ctr"});
}

TEST_CASE("letters stand alone, with a value, and in clusters") {
  const Arguments arguments = parsed({"exec", "-dt", "-e", "A=1", "-eB=2", "--env=C=3", "-u", "1:2",
                                      "-p=/x", "-g", "5", "-g=6", "ctr"});
  CHECK(arguments.flag("detach"));
  CHECK(arguments.flag("tty"));
  CHECK(arguments.all("env") == Words{"A=1", "B=2", "C=3"});
  CHECK(arguments.text("user") == "1:2");
  CHECK(arguments.text("process") == "/x");
  CHECK(arguments.all("additional-gids") == Words{"5", "6"});
}

TEST_CASE("a byte that is no ASCII is refused as any other letter, whatever stands before it") {
  CHECK(refusal({"delete", "", "-f\xff"}) ==
        "flag provided but not defined: -\xff (see brig delete --help)");
  CHECK(refusal({"delete", "", "-\xc3\xa9"}) ==
        "flag provided but not defined: -\xc3\xa9 (see brig delete --help)");
}

TEST_CASE("switches take true and false") {
  CHECK(parsed({"delete", "--force=true", "c"}).flag("force"));
  CHECK(parsed({"delete", "-f=1", "c"}).flag("force"));
  CHECK_FALSE(parsed({"delete", "-force=false", "c"}).flag("force"));
  CHECK_FALSE(parsed({"delete", "--force", "--force=F", "c"}).flag("force"));
  CHECK(parsed({"delete", "--force=false", "c"}).given("force"));
  CHECK(parsed({"delete", "--force", "true"}).operands() == Words{"true"});
  CHECK(refusal({"delete", "--force=maybe", "c"}) ==
        "invalid boolean value \"maybe\" for -force (see brig delete --help)");
}

TEST_CASE("values may start with a dash or be empty") {
  CHECK(parsed({"update", "--resources", "-", "c"}).text("resources") == "-");
  CHECK(parsed({"update", "--cpu-quota", "-1", "c"}).text("cpu-quota") == "-1");
  const Arguments empty = parsed({"create", "--pid-file=", "c"});
  CHECK(empty.given("pid-file"));
  CHECK(empty.text("pid-file").empty());
  CHECK(parsed({"create", "--bundle", "/a", "-b", "/b", "c"}).text("bundle") == "/b");
}

TEST_CASE("what follows the container belongs to exec's command, to kill and to ps") {
  const Arguments exec = parsed({"exec", "-t", "ctr", "ls", "-d", "--help", "--"});
  CHECK_FALSE(exec.flag("detach"));
  CHECK_FALSE(exec.flag("help"));
  CHECK(exec.operands() == Words{"ctr", "ls", "-d", "--help", "--"});
  CHECK(parsed({"exec", "ctr", "--", "ls", "--"}).operands() == Words{"ctr", "ls", "--"});
  CHECK(parsed({"ps", "--format", "table", "ctr", "-aux"}).operands() == Words{"ctr", "-aux"});
  CHECK(parsed({"kill", "--all", "ctr", "KILL"}).operands() == Words{"ctr", "KILL"});
  CHECK(parsed({"kill", "ctr", "-9"}).operands() == Words{"ctr", "-9"});
}

TEST_CASE("two dashes end the options") {
  CHECK(parsed({"delete", "--", "-f"}).operands() == Words{"-f"});
  CHECK(parsed({"delete", "-"}).operands() == Words{"-"});
}

TEST_CASE("spec's own --rootless is not the global one") {
  CHECK(parsed({"spec", "--rootless"}).flag("rootless"));
  CHECK(parsed({"--rootless", "auto", "spec"}).text("rootless") == "auto");
}

TEST_CASE("help and version need no operands") {
  CHECK(parsed({"checkpoint", "--help"}).flag("help"));
  CHECK(parsed({"exec", "-h"}).flag("help"));
  CHECK(parsed({"--help"}).flag("help"));
  CHECK(parsed({}).command() == nullptr);
  for (const char* word : {"--version", "-version", "-v"}) CHECK(parsed({word}).flag("version"));
  CHECK(parsed({"-V"}).flag("V"));
}

TEST_CASE("each wrong command line has its one line") {
  struct Case {
    Words words;
    const char* message;
  };
  const Case cases[] = {
      {{"restore", "--lsm-mount-context"},
       "flag needs an argument: -lsm-mount-context (see brig restore --help)"},
      {{"exec", "-e"}, "flag needs an argument: -e (see brig exec --help)"},
      {{"--root"}, "flag needs an argument: -root (see brig --help)"},
      {{"list", "--foo"}, "flag provided but not defined: -foo (see brig list --help)"},
      {{"list", "--foo=bar"}, "flag provided but not defined: -foo (see brig list --help)"},
      {{"list", "-x"}, "flag provided but not defined: -x (see brig list --help)"},
      {{"exec", "-dx", "c"}, "flag provided but not defined: -x (see brig exec --help)"},
      {{"list", "-1"}, "flag provided but not defined: -1 (see brig list --help)"},
      {{"--foo", "list"}, "flag provided but not defined: -foo (see brig --help)"},
      {{"list", "--version"}, "flag provided but not defined: -version (see brig list --help)"},
      {{"nosuch"}, "unknown command \"nosuch\" (see brig --help)"},
      {{""}, "unknown command \"\" (see brig --help)"},
      {{"start"}, "\"start\" requires exactly 1 argument(s) (see brig start --help)"},
      {{"start", "a", "b"}, "\"start\" requires exactly 1 argument(s) (see brig start --help)"},
      {{"list", "a"}, "\"list\" requires exactly 0 argument(s) (see brig list --help)"},
      {{"kill"}, "\"kill\" requires a minimum of 1 argument(s) (see brig kill --help)"},
      {{"kill", "c", "9", "x"},
       "\"kill\" requires a maximum of 2 argument(s) (see brig kill --help)"},
      {{"exec"}, "\"exec\" requires a minimum of 1 argument(s) (see brig exec --help)"},
  };
  for (const Case& row : cases) CHECK(refusal(row.words) == row.message);
}

TEST_CASE("abbreviated options are refused, with one dash and with two") {
  CHECK(refusal({"delete", "--forc", "c"}) ==
        "flag provided but not defined: -forc (see brig delete --help)");
  CHECK(refusal({"run", "-de", "c"}) == "flag provided but not defined: -de (see brig run --help)");
  CHECK(refusal({"run", "--bundl=/x", "c"}) ==
        "flag provided but not defined: -bundl (see brig run --help)");
  CHECK(refusal({"run", "--bundl", "/x", "c"}) ==
        "flag provided but not defined: -bundl (see brig run --help)");
  CHECK(refusal({"run", "--pid", "/x", "c"}) ==
        "flag provided but not defined: -pid (see brig run --help)");
  CHECK(refusal({"--roo", "/x", "list"}) ==
        "flag provided but not defined: -roo (see brig --help)");
}

TEST_CASE("numbers are read strictly") {
  CHECK(parsed({"create", "--preserve-fds", "3", "c"}).number("preserve-fds", 0) == 3);
  CHECK(parsed({"create", "c"}).number("preserve-fds", 7) == 7);
  for (const char* text : {"", "x", "3x", "-1", " 3", "4294967296"}) {
    const Arguments arguments = parsed({"create", std::string("--preserve-fds=") + text, "c"});
    CHECK_THROWS_AS(static_cast<void>(arguments.number("preserve-fds", 0)), UsageError);
  }
}

TEST_CASE("a refused command line keeps what was read before") {
  std::string words[] = {"brig", "--log", "/l", "list", "--foo"};
  char* argv[] = {words[0].data(), words[1].data(), words[2].data(),
                  words[3].data(), words[4].data(), nullptr};
  Arguments arguments;
  CHECK_THROWS_AS(arguments.parse(5, argv), UsageError);
  CHECK(arguments.text("log") == "/l");
  REQUIRE(arguments.command() != nullptr);
  CHECK(arguments.command()->id == CommandId::kList);
}

TEST_CASE("every option of the table can be given in every form") {
  for (const Command& command : kCommands) {
    for (const Option& option : command.options) {
      Words words = {command.name, std::string("-") + option.name};
      if (!option.is_switch()) words.emplace_back("value");
      for (std::size_t i = 0; i < command.min_operands; ++i) words.emplace_back("operand");
      CHECK(refusal(words) == "(accepted)");
      words[1] = std::string("--") + option.name + (option.is_switch() ? "=true" : "=value");
      if (!option.is_switch()) words.erase(words.begin() + 2);
      CHECK(refusal(words) == "(accepted)");
    }
  }
  for (const Option& option : kGlobalOptions) {
    Words words = {std::string("-") + option.name};
    if (!option.is_switch()) words.emplace_back("value");
    words.emplace_back("list");
    CHECK(refusal(words) == "(accepted)");
  }
}

TEST_CASE("the table has no two options of the same name or letter in one command") {
  for (const Command& command : kCommands)
    for (const Option& first : command.options)
      for (const Option& second : command.options)
        if (&first != &second) {
          CHECK(std::strcmp(first.name, second.name) != 0);
          CHECK((first.letter == 0 || first.letter != second.letter));
        }
}
