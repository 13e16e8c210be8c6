#include "cli/ps_table.h"

#include <algorithm>

#include "base/concat.h"
#include "brig/error.h"
#include "cli/values.h"

namespace brig::cli {

namespace {

// The text up to the next line feed, which both are taken off `text`.
std::string_view take_line(std::string_view& text) {
  const std::string_view line = text.substr(0, text.find('\n'));
  text.remove_prefix(std::min(line.size() + 1, text.size()));
  return line;
}

// The words of a line, which blanks separate.
std::vector<std::string_view> fields_of(std::string_view line) {
  std::vector<std::string_view> fields;
  for (;;) {
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    if (line.empty()) return fields;
    fields.push_back(line.substr(0, line.find_first_of(" \t")));
    line.remove_prefix(fields.back().size());
  }
}

}  // namespace

std::string select_processes(std::string_view output, const std::vector<pid_t>& pids) {
  const std::string_view header = take_line(output);
  const std::vector<std::string_view> titles = fields_of(header);
  const auto column = std::find(titles.begin(), titles.end(), "PID");
  if (column == titles.end()) throw Error("ps printed no column PID: ask it for one, as with -ef");
  const auto index = static_cast<std::size_t>(column - titles.begin());

  std::string selected = concat(header, '\n');
  while (!output.empty()) {
    const std::string_view line = take_line(output);
    const std::vector<std::string_view> fields = fields_of(line);
    if (fields.size() <= index) continue;
    const auto pid = parse_number<pid_t>(fields[index]);
    if (!pid) throw Error(concat("ps printed \"", fields[index], "\" in its column PID"));
    if (std::find(pids.begin(), pids.end(), *pid) != pids.end()) append(selected, line, '\n');
  }
  return selected;
}

}  // namespace brig::cli
