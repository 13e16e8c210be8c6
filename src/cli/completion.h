// Completion scripts for shells, made from the table of commands. They offer commands, options,
// fixed words, file names and, where a container is expected, what `brig list --quiet` prints.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace brig::cli {

// The script for "bash", "zsh" or "fish"; none for another shell.
std::optional<std::string> completion_script(std::string_view shell);

}  // namespace brig::cli
