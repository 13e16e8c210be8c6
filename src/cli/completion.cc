#include "cli/completion.h"

#include "base/concat.h"
#include "cli/table.h"

namespace brig::cli {

namespace {

// Whether the first operand is the name of a container that exists.
bool wants_container(const Command& command) {
  const bool makes_one = command.id == CommandId::kCreate || command.id == CommandId::kRun ||
                         command.id == CommandId::kRestore;
  return std::string_view(command.operands).starts_with("CONTAINER") && !makes_one;
}

bool is_directory(const Option& option) { return std::string_view(option.argument) == "DIR"; }
bool is_file(const Option& option) {
  const std::string_view argument = option.argument;
  return argument == "FILE" || argument == "SOCKET";
}
bool is_word_list(const Option& option) {
  return std::string_view(option.argument).find('|') != std::string_view::npos;
}

std::string with_blanks(std::string_view words) {
  std::string out(words);
  for (char& letter : out)
    if (letter == '|') letter = ' ';
  return out;
}

// `text` for use between single quotes: a backslash before each of `special`, and `quote` for each
// single quote.
std::string escaped(std::string_view text, std::string_view special, std::string_view quote) {
  std::string out;
  for (const char letter : text) {
    if (special.find(letter) != std::string_view::npos) out.push_back('\\');
    if (letter == '\'')
      out += quote;
    else
      out.push_back(letter);
  }
  return out;
}

std::string zsh_text(std::string_view text) { return escaped(text, "[]:\\", "'\\''"); }
std::string fish_text(std::string_view text) { return escaped(text, "\\", "\\'"); }

// All commands that are offered, or those with an existing container as operand.
std::string command_names(bool only_with_container, const char* separator) {
  std::string out;
  for (const Command& command : kCommands)
    if (!command.hidden && (!only_with_container || wants_container(command)))
      append(out, out.empty() ? "" : separator, command.name);
  return out;
}

// --- bash ---

std::string bash_option_words(std::span<const Option> options) {
  std::string out;
  for (const Option& option : options) {
    if (option.hidden) continue;
    append(out, "--", option.name, " ");
    if (option.letter != 0) append(out, "-", option.letter, " ");
  }
  return out + "--help -h";
}

// The lines of a `case $1,$2` that sets `kind` to what an option's value is. `prefix` is the
// pattern for the command.
std::string bash_value_cases(std::string_view prefix, std::span<const Option> options) {
  std::string out;
  for (const Option& option : options) {
    if (option.is_switch()) continue;
    append(out, "    ", prefix, ",--", option.name);
    if (option.letter != 0) append(out, " | ", prefix, ",-", option.letter);
    append(out, ") kind='", option.argument, "' ;;\n");
  }
  return out;
}

constexpr const char* kBashValueHead =
    R"bash(# bash completion for brig; made by `brig completion bash`

# Sets `kind` to what the value of option $2 of command $1 is; fails when it takes none.
_brig_value()
{
    case $1,$2 in
)bash";

constexpr const char* kBashWords = R"bash(    *) return 1 ;;
    esac
}

_brig()
{
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
    local command='' kind='' words='' operands=0 root=() i word
    COMPREPLY=()
    if [[ $cur == = ]]; then
        cur=''
    elif [[ $prev == = ]]; then
        prev=${COMP_WORDS[COMP_CWORD - 2]}
    fi
    for ((i = 1; i < COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        if _brig_value "$command" "$word"; then
            [[ ${COMP_WORDS[i + 1]} == = ]] && ((i++))
            ((i++))
            [[ $word == --root ]] && ((i < COMP_CWORD)) && root=(--root "${COMP_WORDS[i]}")
        elif [[ $word != -* && -z $command ]]; then
            command=$word
        elif [[ $word != -* ]]; then
            ((operands++))
        fi
    done
    if _brig_value "$command" "$prev"; then
        case $kind in
        DIR)
            compopt -o filenames 2>/dev/null
            words=$(compgen -d -- "$cur")
            ;;
        FILE | SOCKET)
            compopt -o filenames 2>/dev/null
            words=$(compgen -f -- "$cur")
            ;;
        *\|*) words=$(compgen -W "${kind//|/ }" -- "$cur") ;;
        esac
        local IFS=$'\n'
        COMPREPLY=($words)
        return
    fi
    if [[ $cur == -* ]]; then
        case $command in
)bash";

// What stands between the names of containers' commands and those of all commands.
constexpr const char* kBashContainers =
    R"bash() words=$(brig "${root[@]}" list --quiet 2>/dev/null) ;;
        completion) words='bash zsh fish' ;;
        help) words=')bash";

constexpr const char* kBashTail = R"bash(' ;;
        esac
    elif [[ $command == kill ]] && ((operands == 1)); then
        words=$(compgen -A signal)
    fi
    COMPREPLY=($(compgen -W "$words" -- "$cur"))
}

complete -F _brig brig
)bash";

std::string bash_script() {
  std::string values;
  std::string options;
  for (const Command& command : kCommands) {
    values += bash_value_cases(command.name, command.options);
    append(options, "        ", command.name, ") words='", bash_option_words(command.options),
           "' ;;\n");
  }
  values += bash_value_cases("*", kGlobalOptions);
  append(options, "        '') words='", bash_option_words(kGlobalOptions), "' ;;\n");
  return concat(kBashValueHead, values, kBashWords, options,
                "        esac\n    elif [[ -z $command ]]; then\n        words='",
                command_names(false, " "),
                "'\n    elif ((operands == 0)); then\n        case $command in\n        ",
                command_names(true, " | "), kBashContainers, command_names(false, " "), kBashTail);
}

// --- zsh ---

std::string zsh_option(const Option& option) {
  std::string name = concat("--", option.name, option.is_switch() ? "" : "=");
  std::string spec;
  if (option.letter != 0)
    spec = concat("'(-", option.letter, " --", option.name, ")'{-", option.letter, ",", name, "}'");
  else
    spec = concat("'", name);
  append(spec, "[", zsh_text(option.help), "]");
  if (option.is_switch()) return spec + "'";
  append(spec, ":", zsh_text(option.argument), ":");
  if (is_directory(option)) spec += "_files -/";
  if (is_file(option)) spec += "_files";
  if (is_word_list(option)) append(spec, "(", with_blanks(option.argument), ")");
  return spec + "'";
}

std::string zsh_options(std::span<const Option> options, std::string_view indent) {
  std::string out;
  for (const Option& option : options)
    if (!option.hidden) append(out, " \\\n", indent, zsh_option(option));
  append(out, " \\\n", indent, zsh_option(kHelpOption));
  return out;
}

constexpr const char* kZshHead = R"zsh(#compdef brig
# zsh completion for brig; made by `brig completion zsh`

_brig_containers() {
  local -a containers
  containers=(${(f)"$(brig $brig_root list --quiet 2>/dev/null)"})
  compadd -a containers
}

_brig() {
  local context state state_descr line
  local -a brig_root
  typeset -A opt_args
  _arguments -C)zsh";

constexpr const char* kZshCommands = R"zsh( \
    '1:command:->command' \
    '*::operand:->operand'
  (( ${+opt_args[--root]} )) && brig_root=(--root ${opt_args[--root]})
  case $state in
  command)
    local -a commands=(
)zsh";

constexpr const char* kZshOperands = R"zsh(    )
    _describe command commands
    ;;
  operand)
    case $words[1] in
)zsh";

constexpr const char* kZshTail = R"zsh(    esac
    ;;
  esac
}

_brig "$@"
)zsh";

std::string zsh_script() {
  std::string commands;
  std::string cases;
  for (const Command& command : kCommands) {
    if (command.hidden) continue;
    append(commands, "      '", command.name, ":", zsh_text(command.summary), "'\n");
    append(cases, "    ", command.name, ")\n      _arguments -s",
           zsh_options(command.options, "        "));
    if (wants_container(command)) cases += " \\\n        '1:container:_brig_containers'";
    if (command.id == CommandId::kKill) cases += " \\\n        '2:signal:_signals -s'";
    cases += " ;;\n";
  }
  return concat(kZshHead, zsh_options(kGlobalOptions, "    "), kZshCommands, commands, kZshOperands,
                cases, kZshTail);
}

// --- fish ---

std::string fish_option(std::string_view condition, const Option& option) {
  std::string line = concat("complete -c brig -n ", condition, " -l ", option.name);
  if (option.letter != 0) append(line, " -s ", option.letter);
  if (!option.is_switch()) {
    if (is_directory(option))
      line += " -x -a '(__fish_complete_directories)'";
    else if (is_file(option))
      line += " -r -F";
    else if (is_word_list(option))
      append(line, " -x -a '", with_blanks(option.argument), "'");
    else
      line += " -x";
  }
  return concat(line, " -d '", fish_text(option.help), "'\n");
}

std::string fish_script() {
  std::string out = concat(
      "# fish completion for brig; made by `brig completion fish`\n\n"
      "set -l commands ",
      command_names(false, " "), "\ncomplete -c brig -f\n");
  const std::string no_command = "\"not __fish_seen_subcommand_from $commands\"";
  for (const Option& option : kGlobalOptions)
    if (!option.hidden) out += fish_option(no_command, option);
  append(out, "complete -c brig -l help -s h -d '", kHelpOption.help, "'\n");
  for (const Command& command : kCommands) {
    if (command.hidden) continue;
    append(out, "\ncomplete -c brig -n ", no_command, " -a ", command.name, " -d '",
           fish_text(command.summary), "'\n");
    for (const Option& option : command.options)
      if (!option.hidden)
        out += fish_option(concat("'__fish_seen_subcommand_from ", command.name, "'"), option);
  }
  return concat(out, "\ncomplete -c brig -n '__fish_seen_subcommand_from ",
                command_names(true, " "), "' -a '(brig list --quiet 2>/dev/null)' -d container\n");
}

}  // namespace

std::optional<std::string> completion_script(std::string_view shell) {
  if (shell == "bash") return bash_script();
  if (shell == "zsh") return zsh_script();
  if (shell == "fish") return fish_script();
  return std::nullopt;
}

}  // namespace brig::cli
