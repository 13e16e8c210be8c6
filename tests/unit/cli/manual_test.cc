// The man page against the table of commands.
#include <doctest/doctest.h>

#include <set>
#include <string>

#include "base/concat.h"
#include "cli/table.h"
#include "sys/file.h"

using namespace brig::cli;

namespace {

std::string manual() {
  const std::string path = BRIG_TEST_DIR "/../docs/brig.8";
  return brig::sys::read_file_at(AT_FDCWD, path).or_throw("read ", path);
}

// The part of the page about one command: from its heading to the next one.
std::string section(const std::string& page, const std::string& heading) {
  const std::size_t start = page.find(heading);
  if (start == std::string::npos) return {};
  return page.substr(start, page.find("\n.S", start + heading.size()) - start);
}

// `.It Fl l , Fl -name Ar VALUE`, as mdoc(7) wants it.
std::string item(const Option& option) {
  std::string line = "\n.It ";
  if (option.letter != 0) brig::append(line, "Fl ", option.letter, " , ");
  brig::append(line, "Fl -", option.name);
  return line;
}

}  // namespace

TEST_CASE("the man page has a section for every command, with every option of it") {
  const std::string page = manual();
  for (const Command& command : kCommands) {
    const std::string text = section(page, brig::concat("\n.Ss brig ", command.name, "\n"));
    CHECK_MESSAGE(!text.empty(), command.name);
    for (const Option& option : command.options)
      CHECK_MESSAGE(text.find(item(option)) != std::string::npos, command.name, " ", option.name);
  }
}

TEST_CASE("the man page has every global option") {
  const std::string text = section(manual(), "\n.Sh GLOBAL OPTIONS\n");
  for (const Option& option : kGlobalOptions) {
    if (std::string(option.name) == "V") continue;  // named together with --version
    CHECK_MESSAGE(text.find(item(option)) != std::string::npos, option.name);
  }
}

TEST_CASE("the man page has no command and no option that does not exist") {
  const std::string page = manual();
  std::set<std::string> names = {"help"};
  for (const Option& option : kGlobalOptions) names.insert(option.name);
  for (const Command& command : kCommands)
    for (const Option& option : command.options) names.insert(option.name);
  for (std::size_t at = page.find("Fl -"); at != std::string::npos;
       at = page.find("Fl -", at + 1)) {
    const std::size_t start = at + 4;
    const std::string name = page.substr(start, page.find_first_of(" \n=", start) - start);
    CHECK_MESSAGE(names.contains(name), name);
  }
  for (std::size_t at = page.find("\n.Ss brig "); at != std::string::npos;
       at = page.find("\n.Ss brig ", at + 1)) {
    const std::size_t start = at + 10;
    CHECK(find_command(page.substr(start, page.find('\n', start) - start)) != nullptr);
  }
}
