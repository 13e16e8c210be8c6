#include "container/program_format.h"

#include <elf.h>

#include <array>

#include "base/concat.h"

namespace brig::container {

namespace {

// Reads numbers of either byte order at any place; past the end they are 0 and the reader says so.
class Numbers {
 public:
  Numbers(std::string_view bytes, bool big_endian) : bytes_(bytes), big_endian_(big_endian) {}

  std::uint64_t at(std::uint64_t offset, unsigned size) {
    if (offset > bytes_.size() || bytes_.size() - offset < size) {
      short_ = true;
      return 0;
    }
    std::uint64_t number = 0;
    for (unsigned i = 0; i < size; ++i) {
      const std::uint64_t from = offset + (big_endian_ ? i : size - 1 - i);
      number = number << 8U | static_cast<unsigned char>(bytes_[from]);
    }
    return number;
  }
  [[nodiscard]] bool ran_short() const { return short_; }

 private:
  std::string_view bytes_;
  bool big_endian_;
  bool short_ = false;
};

// Where the fields lie in the two classes of ELF file; elf(5).
struct Layout {
  unsigned word;  // size of an address or offset
  unsigned header_size;
  unsigned table_at;  // e_phoff
  unsigned entry_size_at;
  unsigned entry_count_at;
  unsigned segment_size;
  unsigned segment_offset_at;
  unsigned segment_length_at;
};
constexpr Layout kElf32 = {4, 52, 28, 42, 44, 32, 4, 16};
constexpr Layout kElf64 = {8, 64, 32, 54, 56, 56, 8, 32};

void find_interpreter(ElfFormat& elf, Numbers& numbers, const Layout& layout) {
  const std::uint64_t table = numbers.at(layout.table_at, layout.word);
  const std::uint64_t entry = numbers.at(layout.entry_size_at, 2);
  const std::uint64_t count = numbers.at(layout.entry_count_at, 2);
  for (std::uint64_t i = 0; i < count && table <= kProgramHeadSize; ++i) {
    const std::uint64_t segment = table + i * entry;
    const std::uint64_t type = numbers.at(segment, 4);
    if (numbers.ran_short()) return;
    if (type != PT_INTERP) continue;
    elf.interpreter_at = numbers.at(segment + layout.segment_offset_at, layout.word);
    elf.interpreter_size = numbers.at(segment + layout.segment_length_at, layout.word);
    if (numbers.ran_short()) elf.interpreter_size = 0;
    return;
  }
}

ProgramFormat parse_elf(std::string_view head) {
  ProgramFormat format;
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(head[at]); };
  format.damaged = head.size() < EI_NIDENT ||
                   (byte(EI_CLASS) != ELFCLASS32 && byte(EI_CLASS) != ELFCLASS64) ||
                   (byte(EI_DATA) != ELFDATA2LSB && byte(EI_DATA) != ELFDATA2MSB);
  if (format.damaged) return format;
  ElfFormat elf;
  elf.bits = byte(EI_CLASS) == ELFCLASS64 ? 64 : 32;
  elf.big_endian = byte(EI_DATA) == ELFDATA2MSB;
  const Layout& layout = elf.bits == 64 ? kElf64 : kElf32;
  if (head.size() < layout.header_size) {
    format.damaged = true;
    return format;
  }
  Numbers numbers(head, elf.big_endian);
  const std::uint64_t type = numbers.at(EI_NIDENT, 2);
  elf.executable = type == ET_EXEC || type == ET_DYN;
  elf.machine = static_cast<std::uint16_t>(numbers.at(EI_NIDENT + 2, 2));
  format.damaged = numbers.at(layout.entry_size_at, 2) != layout.segment_size;
  if (!format.damaged) find_interpreter(elf, numbers, layout);
  format.elf = elf;
  return format;
}

ScriptFormat parse_script(std::string_view head) {
  std::string_view line = head.substr(2);
  line = line.substr(0, line.find_first_of(std::string_view("\n\0", 2)));
  const std::size_t start = line.find_first_not_of(" \t");
  if (start == std::string_view::npos) return {};
  line.remove_prefix(start);
  return {std::string(line.substr(0, line.find_first_of(" \t")))};
}

struct Machine {
  std::uint16_t number;
  int bits;  // 0: the number says it all
  bool big_endian;
  std::string_view name;
};

// Those with a Linux port that container images exist for, in their uname(2) spelling.
constexpr std::array<Machine, 19> kMachines = {{
    {EM_X86_64, 64, false, "x86_64"},     {EM_X86_64, 32, false, "x86_64 (x32)"},
    {EM_386, 0, false, "i386"},           {EM_AARCH64, 64, false, "aarch64"},
    {EM_AARCH64, 64, true, "aarch64_be"}, {EM_ARM, 0, false, "arm"},
    {EM_ARM, 0, true, "armeb"},           {EM_RISCV, 64, false, "riscv64"},
    {EM_RISCV, 32, false, "riscv32"},     {EM_PPC64, 0, false, "ppc64le"},
    {EM_PPC64, 0, true, "ppc64"},         {EM_PPC, 0, true, "ppc"},
    {EM_S390, 64, true, "s390x"},         {EM_S390, 32, true, "s390"},
    {EM_MIPS, 64, false, "mips64el"},     {EM_MIPS, 64, true, "mips64"},
    {EM_MIPS, 32, false, "mipsel"},       {EM_MIPS, 32, true, "mips"},
    {258, 0, false, "loongarch64"},  // EM_LOONGARCH, newer than some elf.h
}};

}  // namespace

ProgramFormat parse_program_format(std::string_view head) {
  if (head.starts_with(ELFMAG)) return parse_elf(head);
  ProgramFormat format;
  format.empty = head.empty();
  if (head.starts_with("#!")) format.script = parse_script(head);
  format.byte_order_mark = head.starts_with("\xEF\xBB\xBF#!");
  return format;
}

std::string machine_name(const ElfFormat& elf) {
  for (const Machine& known : kMachines)
    if (known.number == elf.machine && (known.bits == 0 || known.bits == elf.bits) &&
        known.big_endian == elf.big_endian)
      return std::string(known.name);
  return concat("machine ", elf.machine);
}

bool runs_on(const ElfFormat& elf, std::string_view host) {
  const std::string name = machine_name(elf);
  if (host == "x86_64") return name.starts_with("x86_64") || name == "i386";
  if (host == "aarch64") return name == "aarch64" || name == "arm";
  if (host == "s390x") return name == "s390x" || name == "s390";
  if (host.starts_with("armv")) return name == "arm";
  if (host.size() == 4 && host[0] == 'i' && host.ends_with("86")) return name == "i386";
  return name == host;
}

}  // namespace brig::container
