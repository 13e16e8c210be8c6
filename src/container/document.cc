#include "container/document.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "brig/error.h"
#include "sys/file.h"

namespace brig::container {

std::string read_document(const std::string& path, std::string_view reading,
                          std::string_view remedy) {
  sys::Result<std::string> text = path.empty()
                                      ? sys::read_all(STDIN_FILENO, kLongestDocument)
                                      : sys::read_file_at(AT_FDCWD, path, kLongestDocument);
  if (text) return *std::move(text);
  std::string_view detail;
  if (text.error() == ENOENT) detail = remedy;
  if (text.error() == EFBIG) detail = "it may have at most 16 MiB";
  throw Error(std::string(reading), text.error(), detail);
}

}  // namespace brig::container
