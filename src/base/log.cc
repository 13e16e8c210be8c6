#include "base/log.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

#include "base/concat.h"
#include "base/no_sigpipe.h"
#include "brig/error.h"

namespace brig::log {

namespace {

struct Sink {
  int fd = -1;
  bool is_file = false;
  Format format = Format::kText;
  Level level = Level::kWarning;
};

constinit Sink sink;

const char* level_word(Level level) {
  switch (level) {
    case Level::kDebug:
      return "debug";
    case Level::kInfo:
      return "info";
    case Level::kWarning:
      return "warning";
    case Level::kError:
      break;
  }
  return "error";
}

// The number of bytes of the UTF-8 character at the start of `text`; 0 when there is none (RFC
// 3629: no overlong forms, no surrogates, nothing above U+10FFFF).
std::size_t character_length(std::string_view text) {
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < length) return 0;
  std::uint32_t point = first & (0xFFU >> (length + 1));
  for (std::size_t at = 1; at < length; ++at) {
    if ((byte(at) & 0xC0U) != 0x80) return 0;
    point = point << 6U | (byte(at) & 0x3FU);
  }
  const bool overlong = (length == 3 && point < 0x800) || (length == 4 && point < 0x10000);
  const bool surrogate = point >= 0xD800 && point <= 0xDFFF;
  return overlong || surrogate || point > 0x10FFFF ? 0 : length;
}

void append_control(std::string& out, Format format, unsigned char letter) {
  static constexpr char kDigits[] = "0123456789abcdef";
  switch (letter) {
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      out += format == Format::kJson ? "\\u00" : "\\x";
      out.push_back(kDigits[letter >> 4U]);
      out.push_back(kDigits[letter & 0xFU]);
  }
}

// Appends `text` in double quotes, escaped as JSON or as Go's %q does it.
void append_quoted(std::string& out, Format format, std::string_view text) {
  out.push_back('"');
  while (!text.empty()) {
    const auto letter = static_cast<unsigned char>(text[0]);
    const std::size_t length = character_length(text);
    if (letter == '"' || letter == '\\') {
      out.push_back('\\');
      out.push_back(text[0]);
    } else if (letter < 0x20 || letter == 0x7F) {
      append_control(out, format, letter);
    } else if (length == 0) {
      out += "\xEF\xBF\xBD";  // U+FFFD
    } else {
      out.append(text.substr(0, length));
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  out.push_back('"');
}

std::string time_text(const timespec& now) {
  tm parts = {};
  ::gmtime_r(&now.tv_sec, &parts);
  char seconds[32];
  const std::size_t length = std::strftime(seconds, sizeof seconds, "%Y-%m-%dT%H:%M:%S", &parts);
  // Ten digits of which the first is dropped: nine with leading zeros.
  const std::string nanoseconds = concat(1'000'000'000L + now.tv_nsec);
  return concat(std::string_view(seconds, length), '.', std::string_view(nanoseconds).substr(1),
                'Z');
}

// A reader that is gone must not kill a command that is in the midst of something.
void write_fully(int fd, std::string_view line) noexcept {
  const NoSigpipe no_sigpipe;
  while (!line.empty()) {
    const ssize_t put = ::write(fd, line.data(), line.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return;  // Nowhere is left to complain.
    line.remove_prefix(static_cast<std::size_t>(put));
  }
}

}  // namespace

void configure(const Settings& settings) {
  int fd = STDERR_FILENO;
  if (!settings.file.empty()) {
    fd = ::open(settings.file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, 0644);
    if (fd < 0) throw Error(concat("open log file ", settings.file), errno);
  }
  disable();
  sink = {fd, !settings.file.empty(), settings.format, settings.level};
}

void disable() noexcept {
  if (sink.is_file) ::close(sink.fd);
  sink = {};
}

bool enabled(Level level) noexcept { return sink.fd >= 0 && level >= sink.level; }

void write(Level level, std::string_view message) noexcept {
  if (!enabled(level)) return;
  try {
    timespec now = {};
    ::clock_gettime(CLOCK_REALTIME, &now);
    write_fully(sink.fd, format_line(sink.format, level, message, now));
    if (sink.is_file && level == Level::kError) write_fully(STDERR_FILENO, concat(message, '\n'));
  } catch (const std::exception&) {
    write_fully(sink.fd, "out of memory while writing a log message\n");
  }
}

std::string format_line(Format format, Level level, std::string_view message, const timespec& now) {
  std::string line;
  if (format == Format::kJson) {
    append(line, R"({"level":")", level_word(level), R"(","msg":)");
    append_quoted(line, format, message);
    append(line, R"(,"time":")", time_text(now), "\"}\n");
  } else {
    append(line, "time=\"", time_text(now), "\" level=", level_word(level), " msg=");
    append_quoted(line, format, message);
    line.push_back('\n');
  }
  return line;
}

}  // namespace brig::log
