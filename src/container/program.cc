#include "container/program.h"

#include <limits.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <optional>
#include <utility>

#include "base/concat.h"
#include "brig/error.h"
#include "container/program_format.h"
#include "sys/exec.h"
#include "sys/file.h"

namespace brig::container {

namespace {

// A script's interpreter can be a script, whose interpreter needs a dynamic linker: no chain that
// the kernel follows is longer.
constexpr int kMaxDepth = 6;

std::string explain(const std::string& path, int error_number, int depth);

std::string octal(mode_t mode) {
  char text[16];
  std::snprintf(text, sizeof text, "%04o", mode & 07777U);
  return text;
}

std::string quoted(std::string_view name) { return concat("exec: \"", name, "\""); }

// A path with characters shown that a terminal would hide.
std::string visible(std::string_view path) {
  std::string shown;
  for (const char letter : path) {
    if (letter == '\r')
      shown += "\\r";
    else
      shown.push_back(letter);
  }
  return shown;
}

struct Opened {
  ProgramFormat format;
  std::string interpreter;  // of the ELF file or the script; empty: none
};

// None when the file cannot be read.
std::optional<Opened> look_at(const std::string& path) {
  const sys::Result<sys::OwnFd> file =
      sys::open_at(AT_FDCWD, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  if (!file) return std::nullopt;
  const int fd = (*file).get();
  sys::Result<std::string> head = sys::read_part(fd, 0, kProgramHeadSize);
  if (!head) return std::nullopt;
  Opened opened;
  opened.format = parse_program_format(*head);
  if (opened.format.script) opened.interpreter = opened.format.script->interpreter;
  if (opened.format.elf && opened.format.elf->interpreter_size > 1) {
    const ElfFormat& elf = *opened.format.elf;
    const std::size_t size = std::min<std::uint64_t>(elf.interpreter_size, PATH_MAX);
    if (sys::Result<std::string> text = sys::read_part(fd, elf.interpreter_at, size))
      opened.interpreter = (*text).c_str();  // It ends in a NUL byte.
  }
  return opened;
}

std::string explain_missing_interpreter(const Opened& opened) {
  const std::string& name = opened.interpreter;
  if (opened.format.elf)
    return concat("its ELF interpreter ", visible(name),
                  " does not exist (was it built for another C library or distribution?)");
  if (name.ends_with('\r'))
    return concat("its first line names the interpreter \"", visible(name),
                  "\": it has Windows line ends (CRLF), save it with Unix ones (dos2unix)");
  if (name.empty()) return "its first line (#!) names no interpreter";
  return concat("its interpreter ", visible(name), " does not exist");
}

// What holds for the interpreter of the file at `path`, with `error_number` from executing `path`.
std::string explain_interpreter(const Opened& opened, int error_number, int depth) {
  if (opened.interpreter.empty() && !opened.format.script) return "";
  const sys::Result<struct stat> info = sys::stat_at(AT_FDCWD, opened.interpreter);
  if (!info && (info.error() == ENOENT || info.error() == ENOTDIR))
    return explain_missing_interpreter(opened);
  const std::string deeper = explain(opened.interpreter, error_number, depth + 1);
  if (deeper.empty()) return "";
  return concat("its interpreter ", visible(opened.interpreter), ": ", deeper);
}

std::string explain_not_found(const std::string& path, int depth) {
  if (!sys::stat_at(AT_FDCWD, path)) {
    const sys::Result<std::string> target = sys::read_link_at(AT_FDCWD, path);
    return target ? concat("it is a symbolic link to ", *target, ", which does not exist") : "";
  }
  const std::optional<Opened> opened = look_at(path);
  if (!opened) return "the file exists, so its interpreter is missing";
  return explain_interpreter(*opened, ENOENT, depth);
}

std::string explain_format(const std::string& path, int depth) {
  const std::optional<Opened> opened = look_at(path);
  if (!opened) return "";
  const ProgramFormat& format = opened->format;
  if (format.empty) return "the file is empty";
  if (format.damaged) return "its ELF header is damaged or cut short";
  if (format.elf) {
    utsname host = {};
    ::uname(&host);
    if (!runs_on(*format.elf, host.machine))
      return concat("it is built for ", machine_name(*format.elf), ", this machine is ",
                    static_cast<const char*>(host.machine));
    if (!format.elf->executable) return "the ELF file is an object or core file, not a program";
    return explain_interpreter(*opened, ENOEXEC, depth);
  }
  if (format.byte_order_mark)
    return "a byte order mark stands before its #!, save it as UTF-8 without one";
  if (!format.script) return "it is neither an ELF program nor a script that starts with #!";
  return explain_interpreter(*opened, ENOEXEC, depth);
}

// The first folder on the way to `path` that the process may not search.
std::string unsearchable_folder(const std::string& path) {
  for (std::size_t slash = path.find('/', 1); slash != std::string::npos;
       slash = path.find('/', slash + 1)) {
    const std::string folder = path.substr(0, slash);
    if (sys::may_execute(folder).error() == EACCES)
      return concat("uid ", ::geteuid(), " may not search the directory ", folder);
  }
  return "";
}

std::string explain_access(const std::string& path, int depth) {
  const sys::Result<struct stat> found = sys::stat_at(AT_FDCWD, path);
  if (!found) return unsearchable_folder(path);
  const struct stat& info = *found;
  if (S_ISDIR(info.st_mode)) return "it is a directory";
  if (!S_ISREG(info.st_mode)) return "it is not a regular file";
  const sys::Result<sys::OwnFd> file = sys::open_at(AT_FDCWD, path, O_PATH);
  if (file) {
    const sys::Result<unsigned long> flags = sys::mount_flags((*file).get());
    if (flags && (*flags & ST_NOEXEC) != 0) return "it lies on a file system mounted noexec";
  }
  if (sys::may_execute(path).error() == EACCES) {
    if ((info.st_mode & 0111U) == 0)
      return concat("it has no execute permission (mode ", octal(info.st_mode), ")");
    return concat("uid ", ::geteuid(), " gid ", ::getegid(), " may not execute it (mode ",
                  octal(info.st_mode), ", owner ", info.st_uid, ":", info.st_gid, ")");
  }
  if (const std::optional<Opened> opened = look_at(path)) {
    std::string interpreter = explain_interpreter(*opened, EACCES, depth);
    if (!interpreter.empty()) return interpreter;
  }
  return depth > 0 ? "" : "a security module of the kernel (SELinux, AppArmor) may forbid it";
}

std::string explain(const std::string& path, int error_number, int depth) {
  if (depth > kMaxDepth) return "";
  switch (error_number) {
    case ENOENT:
      return explain_not_found(path, depth);
    case ENOEXEC:
      return explain_format(path, depth);
    case EACCES:
      return explain_access(path, depth);
    case EPERM:
      return "the seccomp profile or a security module of the kernel may forbid it";
    case ETXTBSY:
      return "the file is open for writing";
    case EAGAIN:
      return "the user's number of processes is above its limit (RLIMIT_NPROC)";
    case ELIBBAD:
      return "its ELF interpreter is damaged";
    default:
      return "";
  }
}

// Which of the kernel's limits for arguments and environment is exceeded; execve(2) "Limits on size
// of arguments and environment".
std::string explain_size(const std::vector<std::string>& args,
                         const std::vector<std::string>& env) {
  const std::size_t one_limit = 32 * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  std::size_t total = 0;
  for (const auto* list : {&args, &env}) {
    for (const std::string& text : *list) {
      if (text.size() >= one_limit)
        return concat("the argument or variable \"", text.substr(0, 32), "...\" has ", text.size(),
                      " bytes, the kernel takes ", one_limit - 1);
      total += text.size() + 1 + sizeof(char*);
    }
  }
  return concat("arguments and environment have ", total,
                " bytes together, more than a quarter of the stack limit (RLIMIT_STACK) or 6 MiB");
}

std::string_view search_path(const std::vector<std::string>& env) {
  static constexpr std::string_view kName = "PATH=";
  const auto last = std::find_if(env.rbegin(), env.rend(), [](const std::string& variable) {
    return variable.starts_with(kName);
  });
  return last == env.rend() ? kDefaultPath : std::string_view(*last).substr(kName.size());
}

bool sets_path(const std::vector<std::string>& env) {
  return std::any_of(env.begin(), env.end(),
                     [](const std::string& variable) { return variable.starts_with("PATH="); });
}

bool is_regular_file(const std::string& path) {
  const sys::Result<struct stat> info = sys::stat_at(AT_FDCWD, path);
  return info && S_ISREG((*info).st_mode);
}

}  // namespace

std::string find_program(const std::string& name, const std::vector<std::string>& env) {
  if (name.find('/') != std::string::npos) {
    if (const sys::Result<struct stat> info = sys::stat_at(AT_FDCWD, name);
        info && S_ISDIR((*info).st_mode))
      // What execve() says of it; Docker before 23 makes its exit code 126 of no other words.
      throw Error(quoted(name), EACCES, explain_failed_exec(name, EACCES));
    if (const sys::Result<void> allowed = sys::may_execute(name); !allowed)
      throw Error(quoted(name), allowed.error(), explain_failed_exec(name, allowed.error()));
    return name;
  }
  std::string forbidden;
  std::string_view rest = search_path(env);
  for (bool more = !name.empty() && !rest.empty(); more;) {
    const std::size_t colon = rest.find(':');
    const std::string_view folder = rest.substr(0, colon);
    std::string candidate = concat(folder.empty() ? "." : folder, '/', name);
    if (is_regular_file(candidate)) {
      if (sys::may_execute(candidate)) return candidate;
      forbidden = std::move(candidate);
    }
    more = colon != std::string_view::npos;
    if (more) rest.remove_prefix(colon + 1);
  }
  if (forbidden.empty() && !sets_path(env))
    throw Error(concat(quoted(name), ": executable file not found in $PATH"), 0,
                concat("process.env sets no PATH, so ", kDefaultPath, " was searched"));
  throw Error(concat(quoted(name), ": executable file not found in $PATH"), 0,
              forbidden.empty() ? ""
                                : concat(forbidden, ": ", errno_text(EACCES), ": ",
                                         explain_failed_exec(forbidden, EACCES)));
}

void execute_program(const std::string& path, const std::vector<std::string>& args,
                     const std::vector<std::string>& env) {
  const int failed = sys::execute(path, args, env).error();
  throw Error(quoted(path), failed,
              failed == E2BIG ? explain_size(args, env) : explain_failed_exec(path, failed));
}

std::string explain_failed_exec(const std::string& path, int error_number) {
  return explain(path, error_number, 0);
}

}  // namespace brig::container
