// Which sections of brig's object files a command uses: puts a breakpoint on every function, in it
// and its children, as long as they execute brig. bench/layout.sh makes src/layout.ld of what it
// prints.
//
//   used_sections MAP BRIG LIST COMMAND [ARGUMENT]...
//
// MAP is what ld -Map wrote of BRIG, which has its symbols. Appends lines to the file LIST, in the
// order of first use: "host" for the first process or "container" for its children, ".text" or
// ".rodata", and a pattern of a linker script.
#include <elf.h>
#include <fcntl.h>
#include <sys/personality.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace {

[[noreturn]] void fail(const std::string& what) {
  std::fprintf(stderr, "used_sections: %s: %s\n", what.c_str(), std::strerror(errno));
  std::exit(1);
}

struct Section {
  std::string name;  // .text._ZN4brig3runEv
  std::string file;  // libc.a:malloc.o, create.o
  unsigned long start = 0;
  unsigned long size = 0;
};

bool is_text(const Section& section) { return section.name.starts_with(".text"); }

class LinkMap {
 public:
  explicit LinkMap(const char* path) {
    std::ifstream in(path);
    if (!in) fail(path);
    std::string line;
    while (std::getline(in, line) && line != "Linker script and memory map") continue;
    while (std::getline(in, line)) read_section(line, in);
    const auto earlier = [](const Section& a, const Section& b) { return a.start < b.start; };
    std::sort(text_.begin(), text_.end(), earlier);
  }

  [[nodiscard]] const Section* at(unsigned long address) const {
    auto after = std::upper_bound(text_.begin(), text_.end(), address,
                                  [](unsigned long a, const Section& s) { return a < s.start; });
    if (after == text_.begin()) return nullptr;
    const Section& found = *--after;
    return address < found.start + found.size ? &found : nullptr;
  }

  // The constants of a function have its name, those of a file without such sections its own.
  [[nodiscard]] std::string constants_of(const Section& text) const {
    const std::size_t mangled = text.name.find("_Z");
    if (mangled == std::string::npos)
      return files_with_constants_.contains(text.file) ? pattern(text.file, ".rodata .rodata.*")
                                                       : "";
    const std::string name = ".rodata." + text.name.substr(mangled);
    const auto found = constants_.lower_bound(name);
    if (found == constants_.end() || !found->starts_with(name)) return "";
    return pattern({}, name + "*");
  }

  static std::string pattern(const std::string& file, const std::string& sections) {
    return "*" + file + "(" + sections + ")";
  }

 private:
  // A line is " NAME 0xSTART 0xSIZE FILE"; after a long name the rest is on the next one.
  void read_section(std::string line, std::ifstream& in) {
    if (!line.starts_with(" .text") && !line.starts_with(" .rodata")) return;
    if (line.find(" 0x") == std::string::npos) {
      std::string rest;
      if (!std::getline(in, rest)) return;
      line += rest;
    }
    Section section;
    std::string start;
    std::string size;
    std::istringstream words(line);
    words >> section.name >> start >> size;
    std::getline(words >> std::ws, section.file);
    section.start = std::strtoul(start.c_str(), nullptr, 16);
    section.size = std::strtoul(size.c_str(), nullptr, 16);
    section.file = short_name(section.file);
    if (section.start == 0) return;
    if (is_text(section)) {
      text_.push_back(section);
    } else {
      constants_.insert(section.name);
      files_with_constants_.insert(section.file);
    }
  }

  // "/usr/lib/libm-2.36.a(e_pow.o)" is "libm-*.a:e_pow.o" everywhere.
  static std::string short_name(std::string path) {
    path.erase(0, path.rfind('/') + 1);
    const std::size_t member = path.find('(');
    if (member == std::string::npos) return path;
    path[member] = ':';
    path.pop_back();
    const std::size_t version = path.find('-');
    if (version < member) path.replace(version + 1, path.find(".a:") - version - 1, "*");
    return path;
  }

  std::vector<Section> text_;
  std::set<std::string> constants_;
  std::set<std::string> files_with_constants_;
};

// Where brig's functions begin, of its symbol table.
std::vector<unsigned long> read_functions(const std::string& program) {
  const char* bytes = program.data();
  const auto* header = reinterpret_cast<const Elf64_Ehdr*>(bytes);
  const auto* sections = reinterpret_cast<const Elf64_Shdr*>(bytes + header->e_shoff);
  std::vector<unsigned long> functions;
  for (int i = 0; i < header->e_shnum; ++i) {
    if (sections[i].sh_type != SHT_SYMTAB) continue;
    const auto* symbols = reinterpret_cast<const Elf64_Sym*>(bytes + sections[i].sh_offset);
    for (std::size_t j = 0; j < sections[i].sh_size / sizeof *symbols; ++j) {
      const unsigned type = ELF64_ST_TYPE(symbols[j].st_info);
      if ((type == STT_FUNC || type == STT_GNU_IFUNC) && symbols[j].st_shndx != SHN_UNDEF)
        functions.push_back(symbols[j].st_value);
    }
  }
  if (functions.empty()) fail("the program has no symbols");
  return functions;
}

class Watcher {
 public:
  Watcher(const char* map, const char* program, const char* list) : map_(map) {
    std::ostringstream text;
    text << std::ifstream(program, std::ios::binary).rdbuf();
    const std::string bytes = text.str();
    if (bytes.size() < sizeof header_ || ::stat(program, &program_) < 0) fail(program);
    std::memcpy(&header_, bytes.data(), sizeof header_);
    functions_ = read_functions(bytes);
    list_ = std::fopen(list, "ae");
    if (list_ == nullptr) fail(list);
  }

  // Until the first process ends; what it leaves behind is killed.
  void watch(pid_t first) {
    int status = 0;
    if (::waitpid(first, &status, 0) != first || !WIFSTOPPED(status)) fail("start the command");
    ::ptrace(PTRACE_SETOPTIONS, first, nullptr,
             PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC |
                 PTRACE_O_EXITKILL);
    first_ = first;
    stopped(first, SIGTRAP, PTRACE_EVENT_EXEC);
    for (;;) {
      const pid_t pid = ::waitpid(-1, &status, __WALL);
      if (pid < 0) fail("wait");
      if (WIFSTOPPED(status))
        stopped(pid, WSTOPSIG(status), status >> 16);
      else if (pid == first)
        break;
    }
    if (status != 0) fail("the command failed");
    std::fclose(list_);
  }

 private:
  void stopped(pid_t pid, int signal, int event) {
    if (event == PTRACE_EVENT_EXEC && !plant(pid)) {
      ::ptrace(PTRACE_DETACH, pid, nullptr, nullptr);
      return;
    }
    if (event == 0 && signal == SIGTRAP && take_out(pid)) signal = 0;
    // A child that is new begins with a SIGSTOP.
    if (event != 0 || signal == SIGSTOP) signal = 0;
    ::ptrace(PTRACE_CONT, pid, nullptr, signal);
  }

  // Puts a breakpoint on every function; false when the process executes something else.
  bool plant(pid_t pid) {
    const std::string folder = "/proc/" + std::to_string(pid);
    struct stat file = {};
    if (::stat((folder + "/exe").c_str(), &file) < 0 || file.st_ino != program_.st_ino)
      return false;
    int fd = ::open((folder + "/auxv").c_str(), O_RDONLY | O_CLOEXEC);
    Elf64_auxv_t values[64] = {};
    const bool read = ::read(fd, values, sizeof values) > 0;
    ::close(fd);
    for (const Elf64_auxv_t& value : values)
      if (value.a_type == AT_ENTRY) base_ = value.a_un.a_val - header_.e_entry;
    fd = ::open((folder + "/mem").c_str(), O_RDWR | O_CLOEXEC);
    if (!read || fd < 0) fail(folder);
    for (const unsigned long function : functions_) {
      const auto at = static_cast<off_t>(base_ + function);
      unsigned char byte = 0;
      if (::pread(fd, &byte, 1, at) != 1) fail("read the program");
      originals_.emplace(function, byte);
      if (::pwrite(fd, &kBreakpoint, 1, at) != 1) fail("change the program");
    }
    ::close(fd);
    return true;
  }

  bool take_out(pid_t pid) {
    user_regs_struct registers;
    if (::ptrace(PTRACE_GETREGS, pid, nullptr, &registers) != 0) return false;
    const unsigned long function = registers.rip - 1 - base_;
    const auto original = originals_.find(function);
    if (original == originals_.end()) return false;
    const int fd = ::open(("/proc/" + std::to_string(pid) + "/mem").c_str(), O_RDWR | O_CLOEXEC);
    --registers.rip;
    if (::pwrite(fd, &original->second, 1, static_cast<off_t>(registers.rip)) != 1)
      fail("restore the program");
    ::close(fd);
    ::ptrace(PTRACE_SETREGS, pid, nullptr, &registers);
    used(function, pid == first_ ? "host" : "container");
    return true;
  }

  void used(unsigned long address, const char* side) {
    const Section* section = map_.at(address);
    if (section == nullptr || !used_[side].insert(section).second) return;
    // A function of C++ has one name in every archive.
    const bool is_unique = section->name.starts_with(".text._Z");
    std::fprintf(list_, "%s .text %s\n", side,
                 LinkMap::pattern(is_unique ? "" : section->file, section->name).c_str());
    const std::string constants = map_.constants_of(*section);
    if (!constants.empty()) std::fprintf(list_, "%s .rodata %s\n", side, constants.c_str());
  }

  static constexpr unsigned char kBreakpoint = 0xCC;

  LinkMap map_;
  std::FILE* list_ = nullptr;
  struct stat program_ = {};
  Elf64_Ehdr header_ = {};
  std::vector<unsigned long> functions_;
  std::map<unsigned long, unsigned char> originals_;
  unsigned long base_ = 0;  // the same in all processes: see main()
  pid_t first_ = 0;
  std::map<std::string, std::set<const Section*>> used_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 5) {
    std::fputs("usage: used_sections MAP BRIG LIST COMMAND [ARGUMENT]...\n", stderr);
    return 2;
  }
  Watcher watcher(argv[1], argv[2], argv[3]);
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::personality(ADDR_NO_RANDOMIZE);
    ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
    ::execvp(argv[4], argv + 4);
    ::_exit(127);
  }
  watcher.watch(pid);
  return 0;
}
