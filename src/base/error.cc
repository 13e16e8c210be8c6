#include "brig/error.h"

#include <cctype>
#include <cstring>

namespace brig {

std::string errno_text(int error_number) {
  char buffer[128];
  std::string text = strerror_r(error_number, buffer, sizeof buffer);
  if (!text.empty()) text[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[0])));
  return text;
}

Error::Error(std::string message, int error_number, std::string_view detail)
    : line_(std::move(message)), error_number_(error_number) {
  if (error_number_ != 0) line_.append(": ").append(errno_text(error_number_));
  if (!detail.empty()) line_.append(": ").append(detail);
}

Error::Error(CompleteLine, std::string line, int error_number)
    : line_(std::move(line)), error_number_(error_number) {}

void Error::add_context(std::string_view context) {
  line_.insert(0, ": ");
  line_.insert(0, context);
}

}  // namespace brig
