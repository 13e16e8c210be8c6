// Help texts, made from the table of commands.
#pragma once

#include <string>

#include "cli/table.h"

namespace brig::cli {

// What `brig --help` prints: the commands and global options.
std::string global_help();

// What `brig COMMAND --help` prints.
std::string command_help(const Command& command);

}  // namespace brig::cli
