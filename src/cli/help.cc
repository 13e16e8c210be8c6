#include "cli/help.h"

#include <vector>

#include "base/concat.h"

namespace brig::cli {

namespace {

struct Row {
  std::string term;
  std::string text;
};

// Two columns: terms, and texts broken at blanks to fit 80 columns. A term too long for its column
// has a line of its own.
std::string columns(const std::vector<Row>& rows) {
  constexpr std::size_t kWidestTerm = 28;
  constexpr std::size_t kLineWidth = 80;
  std::size_t width = 0;
  for (const Row& row : rows)
    if (row.term.size() <= kWidestTerm) width = std::max(width, row.term.size());
  const std::size_t indent = 2 + width + 2;

  std::string out;
  for (const Row& row : rows) {
    std::string line = concat("  ", row.term);
    if (row.term.size() > width) {
      out += line + "\n";
      line.clear();
    }
    line.resize(indent, ' ');
    std::string_view rest = row.text;
    while (rest.size() > kLineWidth - indent) {
      const std::size_t blank = rest.rfind(' ', kLineWidth - indent);
      if (blank == std::string_view::npos) break;
      append(out, line, rest.substr(0, blank), "\n");
      line.assign(indent, ' ');
      rest.remove_prefix(blank + 1);
    }
    append(out, line, rest, "\n");
  }
  return out;
}

Row row_of(const Option& option) {
  std::string term = option.letter != 0 ? concat("-", option.letter, ", ") : "    ";
  append(term, "--", option.name);
  if (!option.is_switch()) append(term, " ", option.argument);
  return {term, option.help};
}

std::string option_list(std::span<const Option> options) {
  std::vector<Row> rows;
  for (const Option& option : options)
    if (!option.hidden) rows.push_back(row_of(option));
  rows.push_back(row_of(kHelpOption));
  return columns(rows);
}

}  // namespace

std::string global_help() {
  std::vector<Row> commands;
  for (const Command& command : kCommands)
    if (!command.hidden) commands.push_back({command.name, command.summary});
  return concat(
      "brig: run OCI containers\n\n"
      "usage: brig [GLOBAL-OPTION]... COMMAND [OPTION]... [CONTAINER] ...\n\n"
      "commands:\n",
      columns(commands), "\nglobal options:\n", option_list(kGlobalOptions),
      "\n`brig COMMAND --help` shows the options of a command; brig(8) explains them all.\n");
}

std::string command_help(const Command& command) {
  const bool has_operands = *command.operands != '\0';
  return concat("brig ", command.name, ": ", command.summary, "\n\nusage: brig [GLOBAL-OPTION]... ",
                command.name, command.options.empty() ? "" : " [OPTION]...",
                has_operands ? " " : "", command.operands, "\n\noptions:\n",
                option_list(command.options));
}

}  // namespace brig::cli
