// The parser of the command line: which command, with which options and operands.
//
// It accepts what runc (urfave/cli) and crun (argp) accept: `--flag`, `-flag`, `--flag=value`,
// `--flag value`, switches with `=true` or `=false`, letters alone or in a cluster (`-dt`), options
// after the operands (but not for exec, kill and ps, where they belong to another program), `--`,
// and global options behind the command. Abbreviated names are refused as by runc: a caller's typo
// must not become another option.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "brig/error.h"
#include "cli/table.h"

namespace brig::cli {

// The command line itself is wrong. what() ends with the command that shows the right form.
class UsageError : public Error {
 public:
  // `command` is null for an error before or in the command's name.
  UsageError(std::string message, const Command* command);
};

class Arguments {
 public:
  // The command, or null when there was none.
  [[nodiscard]] const Command* command() const { return command_; }
  [[nodiscard]] const std::vector<std::string>& operands() const { return operands_; }

  // True when the option was given at all.
  [[nodiscard]] bool given(OptionName option) const { return find(option) != nullptr; }
  // A switch: its last value; false when it was not given.
  [[nodiscard]] bool flag(OptionName option) const;
  // The last value of an option; empty when it was not given.
  [[nodiscard]] std::string text(OptionName option) const;
  // All values of an option in order.
  [[nodiscard]] std::vector<std::string> all(OptionName option) const;
  // The last value as a decimal number from 0 to 2^32-1, or `fallback` when it was not given.
  // Throws UsageError for anything else.
  [[nodiscard]] std::uint32_t number(OptionName option, std::uint32_t fallback) const;

  // Parses a whole command line, argv[0] included. Throws UsageError; what was understood by then
  // stays readable, so that the error can be written to the log that the command line names. With
  // --help or --version the operands are not counted.
  void parse(int argc, char* const* argv);

 private:
  struct Given {
    const Option* option;
    std::string value;  // "true" or "false" for a switch
  };
  // One run of the option parser over argv[1..argc); see args.cc.
  class Scan;

  [[nodiscard]] const Given* find(OptionName option) const;
  void check_operand_count() const;

  const Command* command_ = nullptr;
  std::vector<Given> given_;
  std::vector<std::string> operands_;
};

}  // namespace brig::cli
