#include "isolate/seccomp_cache.h"

#include <fcntl.h>
#include <linux/filter.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>

#include "base/concat.h"
#include "brig/version.h"
#include "sys/file.h"

namespace brig::isolate {

namespace {

// Hosts use few profiles. When there are more the folder starts anew.
constexpr std::size_t kMostFiles = 64;

// The start of a file, in the host's byte order; the key, the filter and the warnings follow.
struct Header {
  char magic[8];
  std::uint64_t checksum;  // of what follows this member
  std::uint32_t key_size;
  std::uint32_t bpf_size;
  std::uint32_t flags;
  std::uint32_t warnings_size;
};
constexpr char kMagic[sizeof Header::magic] = {'b', 'r', 'i', 'g', 'b', 'p', 'f', '1'};
constexpr std::size_t kChecked = offsetof(Header, key_size);

// FNV-1a: finds what a crash left half written. It need not resist anybody.
std::uint64_t hash(std::string_view text) {
  std::uint64_t value = 0xcbf29ce484222325U;
  for (const char letter : text) {
    value ^= static_cast<unsigned char>(letter);
    value *= 0x100000001b3U;
  }
  return value;
}

std::string file_name(std::string_view key) {
  constexpr char kDigits[] = "0123456789abcdef";
  const std::uint64_t value = hash(key);
  std::string name;
  for (int shift = 60; shift >= 0; shift -= 4)
    name += kDigits[value >> static_cast<unsigned>(shift) & 0xfU];
  return name;
}

// Each with its length in front, so that no two lists of texts give the same key.
void add_text(std::string& key, std::string_view text) { append(key, text.size(), ':', text); }

void add_texts(std::string& key, const std::vector<std::string>& texts) {
  append(key, texts.size(), '[');
  for (const std::string& text : texts) add_text(key, text);
}

void add_number(std::string& key, const std::optional<std::uint32_t>& number) {
  if (number) append(key, *number);
  key += ';';
}

bool is_ours(int fd) {
  const sys::Result<struct stat> info = sys::stat_fd(fd);
  return info && info->st_uid == ::geteuid() && (info->st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

// The folder; none when it cannot be had or trusted.
sys::OwnFd open_folder(const std::string& folder) {
  const auto open = [&] {
    return sys::open_at(AT_FDCWD, folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  };
  sys::Result<sys::OwnFd> opened = open();
  if (opened.error() == ENOENT && sys::make_directory_at(AT_FDCWD, folder, 0700)) opened = open();
  if (!opened || !is_ours(opened->get())) return {};
  return *std::move(opened);
}

std::optional<SeccompFilter> find(int folder, std::string_view key) {
  const sys::Result<sys::OwnFd> file =
      sys::open_at(folder, file_name(key), O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  if (!file || !is_ours(file->get())) return std::nullopt;
  const sys::Result<std::string> text = sys::read_all(file->get());
  return text ? read_cached_filter(key, *text) : std::nullopt;
}

void make_room(int folder) {
  const sys::Result<std::vector<sys::DirectoryEntry>> entries = sys::list_directory(folder);
  if (!entries || entries->size() < kMostFiles) return;
  for (const sys::DirectoryEntry& entry : *entries)
    sys::unlink_at(folder, entry.name).ignore("another brig may be at it too");
}

// Under a name of this process first: others may be keeping the same filter.
sys::Result<void> keep(int folder, std::string_view key, const SeccompFilter& filter) {
  make_room(folder);
  const std::string name = file_name(key);
  const std::string own = concat(name, '.', ::getpid());
  const sys::Result<sys::OwnFd> file =
      sys::open_at(folder, own, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0600);
  if (!file) return sys::Result<void>::failure(file.error());
  sys::Result<void> done = sys::write_all(file->get(), write_cached_filter(key, filter));
  if (done) done = sys::rename_at(folder, own, folder, name);
  if (!done) sys::unlink_at(folder, own).ignore("the write's own failure is the one that counts");
  return done;
}

}  // namespace

std::string seccomp_cache_key(const Seccomp& profile) {
  std::string key;
  utsname system{};
  ::uname(&system);
  for (const std::string_view text :
       {std::string_view(kVersion), std::string_view(kCommit), std::string_view(system.machine),
        std::string_view(system.release), std::string_view(system.version)})
    add_text(key, text);
  add_text(key, seccomp_library_version());
  append(key, static_cast<int>(profile.default_action), ';');
  add_number(key, profile.default_errno_ret);
  add_texts(key, profile.architectures);
  key += profile.flags ? 'f' : '-';
  if (profile.flags) add_texts(key, *profile.flags);
  for (const SeccompSyscall& entry : profile.syscalls) {
    add_texts(key, entry.names);
    append(key, static_cast<int>(entry.action), ';');
    add_number(key, entry.errno_ret);
    append(key, entry.args.size(), '[');
    for (const SeccompArg& arg : entry.args)
      append(key, arg.index, ';', arg.value, ';', arg.value_two, ';', static_cast<int>(arg.op),
             ';');
  }
  return key;
}

std::string write_cached_filter(std::string_view key, const SeccompFilter& filter) {
  std::string warnings;
  for (const std::string& warning : filter.warnings) append(warnings, warning, '\n');
  Header header{};
  std::memcpy(header.magic, kMagic, sizeof kMagic);
  header.key_size = static_cast<std::uint32_t>(key.size());
  header.bpf_size = static_cast<std::uint32_t>(filter.bpf.size());
  header.flags = filter.flags;
  header.warnings_size = static_cast<std::uint32_t>(warnings.size());
  std::string text(reinterpret_cast<const char*>(&header), sizeof header);
  append(text, key, filter.bpf, warnings);
  header.checksum = hash(std::string_view(text).substr(kChecked));
  std::memcpy(text.data(), &header, sizeof header);
  return text;
}

std::optional<SeccompFilter> read_cached_filter(std::string_view key, std::string_view text) {
  Header header{};
  if (text.size() < sizeof header) return std::nullopt;
  std::memcpy(&header, text.data(), sizeof header);
  if (std::memcmp(header.magic, kMagic, sizeof kMagic) != 0 ||
      header.checksum != hash(text.substr(kChecked)) || header.key_size != key.size() ||
      text.size() !=
          sizeof header + std::uint64_t{header.key_size} + header.bpf_size + header.warnings_size ||
      header.bpf_size % sizeof(sock_filter) != 0)
    return std::nullopt;
  text.remove_prefix(sizeof header);
  if (text.substr(0, key.size()) != key) return std::nullopt;
  text.remove_prefix(key.size());
  SeccompFilter filter;
  filter.bpf = std::string(text.substr(0, header.bpf_size));
  filter.flags = header.flags;
  for (text.remove_prefix(header.bpf_size); !text.empty();) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    filter.warnings.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return filter;
}

SeccompFilter cached_seccomp(const Seccomp& profile, const std::string& folder) {
  const sys::OwnFd directory = open_folder(folder);
  if (!directory) return compile_seccomp(profile);
  const std::string key = seccomp_cache_key(profile);
  if (std::optional<SeccompFilter> known = find(directory.get(), key)) return *std::move(known);
  SeccompFilter filter = compile_seccomp(profile);
  keep(directory.get(), key, filter).ignore("the next container compiles it again");
  return filter;
}

}  // namespace brig::isolate
