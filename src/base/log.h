// The log of the command (--log, --log-format, --log-level): one line per message, as text or as
// JSON objects with level, msg and time. One process-wide sink, set up once by the command line
// before anything else runs; a library user who sets up nothing gets nothing. The layers below
// `container` never log: they return or throw.
//
// Engines read the last "error" line of a JSON log, and Podman reads the whole file as one object.
// So the default level for a JSON log file is `error`, and a command writes at most one error.
#pragma once

#include <ctime>
#include <string>
#include <string_view>

namespace brig::log {

enum class Level { kDebug, kInfo, kWarning, kError };
enum class Format { kText, kJson };

struct Settings {
  std::string file;  // empty: standard error
  Format format = Format::kText;
  Level level = Level::kWarning;
};

// Opens the file for appending (created with mode 0644) and sends every later message of at least
// `level` there. Throws Error when it cannot be opened. Errors also go to standard error when the
// log is a file.
void configure(const Settings& settings);

// Closes the file and writes nothing from here on: what a library user starts with.
void disable() noexcept;

// True when a message of `level` would be written: ask before composing an expensive one.
bool enabled(Level level) noexcept;

// One line with one write(2). Bytes that are no UTF-8 become U+FFFD, so that a JSON log stays JSON.
void write(Level level, std::string_view message) noexcept;

// The line that write() writes at `now` (UTC), with its line end:
//     time="2026-01-02T03:04:05.000000006Z" level=error msg="..."
//     {"level":"error","msg":"...","time":"2026-01-02T03:04:05.000000006Z"}
std::string format_line(Format format, Level level, std::string_view message, const timespec& now);

inline void debug(std::string_view message) noexcept { write(Level::kDebug, message); }
inline void warning(std::string_view message) noexcept { write(Level::kWarning, message); }
inline void error(std::string_view message) noexcept { write(Level::kError, message); }

}  // namespace brig::log
