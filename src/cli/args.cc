#include "cli/args.h"

#include <getopt.h>

#include "base/concat.h"
#include "cli/values.h"

namespace brig::cli {

namespace {

// What getopt_long_only() returns for the long option with index i is kFirstLong + i: above all
// letters.
constexpr int kFirstLong = 256;
// What it returns for an operand when the option string starts with '-'.
constexpr int kOperand = 1;

std::string remedy(const Command* command) {
  return command == nullptr ? " (see brig --help)"
                            : concat(" (see brig ", command->name, " --help)");
}

}  // namespace

UsageError::UsageError(std::string message, const Command* command)
    : Error(std::move(message) + remedy(command)) {}

// Reads options with getopt_long_only(3). In the mode used here ('-') it returns operands in their
// place and never reorders argv, whatever POSIXLY_CORRECT says.
class Arguments::Scan {
 public:
  Scan(int argc, char* const* argv, const Command* command)
      : argc_(argc), argv_(argv), command_(command) {
    if (command_ != nullptr)
      for (const Option& option : command_->options) options_.push_back(&option);
    for (const Option& option : kGlobalOptions)
      if (command_ == nullptr || !hides_global(option)) options_.push_back(&option);
    options_.push_back(&kHelpOption);
    build_getopt_tables();
    optind = 0;  // GNU: forget any earlier scan
    opterr = 0;
  }

  // The next option into `given`, or the next operand into `operand`; false at the end.
  bool next(Given& given, const char*& operand) {
    operand = nullptr;
    const int found =
        getopt_long_only(argc_, argv_, letters_.c_str(), long_options_.data(), nullptr);
    if (found == -1) return false;
    if (found == kOperand) {
      operand = optarg;
      return true;
    }
    if (found == ':')
      throw UsageError(concat("flag needs an argument: -", name_of(optopt)), command_);
    if (found == '?') refuse_unknown();
    const Option& option = option_of(found);
    if (found >= kFirstLong) check_written_in_full(option);
    given = {&option, value_of(option)};
    return true;
  }

  // What follows "--", or the operand just returned.
  void rest(std::vector<std::string>& operands) const {
    for (int i = optind; i < argc_; ++i) operands.emplace_back(argv_[i]);
  }
  // The index in argv of the operand just returned.
  [[nodiscard]] static int operand_index() { return optind - 1; }

 private:
  // spec has its own --rootless and no command has use for --version.
  [[nodiscard]] bool hides_global(const Option& global) const {
    const std::string_view name = global.name;
    if (name == "version" || name == "V") return true;
    // Almost all differ in the first letter.
    for (const Option& option : command_->options)
      if (name[0] == option.name[0] && name == option.name) return true;
    return false;
  }

  void build_getopt_tables() {
    letters_ = "-:";
    for (std::size_t i = 0; i < options_.size(); ++i) {
      const Option& option = *options_[i];
      const int value = kFirstLong + static_cast<int>(i);
      const int has_argument = option.is_switch() ? optional_argument : required_argument;
      long_options_.push_back({option.name, has_argument, nullptr, value});
      if (option.letter == 0) continue;
      letters_.push_back(option.letter);
      if (!option.is_switch()) letters_.push_back(':');
      // The letter as a long name too, so that "-t=false" is found.
      long_options_.push_back({letter_name(option), has_argument, nullptr, value});
    }
    long_options_.push_back({nullptr, 0, nullptr, 0});
  }

  // A string with the option's letter that lives as long as the program.
  static const char* letter_name(const Option& option) {
    static constexpr char kAlphabet[] =
        "a\0b\0c\0d\0e\0f\0g\0h\0i\0j\0k\0l\0m\0n\0o\0p\0q\0r\0s\0t\0u\0v\0w\0x\0y\0z";
    return kAlphabet + std::ptrdiff_t{2} * (option.letter - 'a');
  }

  [[nodiscard]] const Option& option_of(int found) const {
    if (found >= kFirstLong) return *options_[static_cast<std::size_t>(found - kFirstLong)];
    for (const Option* option : options_)
      if (option->letter == found) return *option;
    throw Error(concat("the option parser returned ", found));
  }

  [[nodiscard]] std::string name_of(int found) const {
    return found < kFirstLong ? std::string(1, static_cast<char>(found)) : option_of(found).name;
  }

  // The name in the argument that getopt just read: without dashes and "=value".
  [[nodiscard]] std::string_view written_name() const {
    const bool separate_value = optarg != nullptr && optarg == argv_[optind - 1];
    std::string_view word = argv_[optind - (separate_value ? 2 : 1)];
    word.remove_prefix(word.starts_with("--") ? 2 : 1);
    return word.substr(0, word.find('='));
  }

  [[noreturn]] void refuse_unknown() const {
    // optopt is the letter when the word was read as a cluster, negative for a byte that is not
    // ASCII, else 0 (or the option's value when it refused its argument, which none here does).
    if (optopt != 0 && optopt < kFirstLong)
      throw UsageError(concat("flag provided but not defined: -", static_cast<char>(optopt)),
                       command_);
    throw UsageError(concat("flag provided but not defined: -", written_name()), command_);
  }

  void check_written_in_full(const Option& option) const {
    const std::string_view name = written_name();
    const bool is_letter = option.letter != 0 && name == std::string_view(&option.letter, 1);
    if (name != option.name && !is_letter)
      throw UsageError(concat("flag provided but not defined: -", name), command_);
  }

  [[nodiscard]] std::string value_of(const Option& option) const {
    if (!option.is_switch()) return optarg;
    if (optarg == nullptr) return "true";
    const std::optional<bool> value = parse_bool(optarg);
    if (!value)
      throw UsageError(concat("invalid boolean value \"", optarg, "\" for -", option.name),
                       command_);
    return *value ? "true" : "false";
  }

  int argc_;
  char* const* argv_;
  const Command* command_;
  std::vector<const Option*> options_;
  std::vector<struct option> long_options_;
  std::string letters_;
};

void Arguments::parse(int argc, char* const* argv) {
  const char* operand = nullptr;
  Given given{};

  Scan globals(argc, argv, nullptr);
  while (globals.next(given, operand) && operand == nullptr) given_.push_back(given);
  if (operand == nullptr) return;
  command_ = find_command(operand);
  if (command_ == nullptr) throw UsageError(concat("unknown command \"", operand, "\""), nullptr);

  const int skipped = Scan::operand_index();
  Scan options(argc - skipped, argv + skipped, command_);
  while (options.next(given, operand)) {
    if (operand == nullptr) {
      given_.push_back(std::move(given));
      continue;
    }
    operands_.emplace_back(operand);
    if (command_->stops_at_operand) break;
  }
  const std::size_t before_rest = operands_.size();
  options.rest(operands_);
  // `exec ID -- COMMAND` is what people write out of habit; runc drops that "--" too.
  if (command_->stops_at_operand && before_rest == 1 && operands_.size() > 1 &&
      operands_[1] == "--")
    operands_.erase(operands_.begin() + 1);
  if (!flag("help")) check_operand_count();
}

void Arguments::check_operand_count() const {
  const std::size_t count = operands_.size();
  const std::size_t least = command_->min_operands;
  const std::size_t most = command_->max_operands;
  if (count >= least && count <= most) return;
  const char* relation = least == most   ? "exactly "
                         : count < least ? "a minimum of "
                                         : "a maximum of ";
  throw UsageError(concat("\"", command_->name, "\" requires ", relation,
                          count < least ? least : most, " argument(s)"),
                   command_);
}

const Arguments::Given* Arguments::find(OptionName option) const {
  const Given* found = nullptr;
  for (const Given& given : given_)
    if (option.text() == given.option->name) found = &given;
  return found;
}

bool Arguments::flag(OptionName option) const {
  const Given* found = find(option);
  return found != nullptr && found->value == "true";
}

std::string Arguments::text(OptionName option) const {
  const Given* found = find(option);
  return found != nullptr ? found->value : std::string();
}

std::vector<std::string> Arguments::all(OptionName option) const {
  std::vector<std::string> values;
  for (const Given& given : given_)
    if (option.text() == given.option->name) values.push_back(given.value);
  return values;
}

std::uint32_t Arguments::number(OptionName option, std::uint32_t fallback) const {
  const Given* found = find(option);
  if (found == nullptr) return fallback;
  const auto value = parse_number<std::uint32_t>(found->value);
  if (!value)
    throw UsageError(concat("invalid value \"", found->value, "\" for flag -", option.text(),
                            ": a number from 0 to 4294967295 is needed"),
                     command_);
  return *value;
}

}  // namespace brig::cli
