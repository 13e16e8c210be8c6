// What the first bytes of a program file say about how the kernel would execute it: an ELF file
// (elf(5)) or a script (execve(2) "Interpreter scripts"). Pure: no system call, any bytes are safe.
// It serves the search for the cause after a failed execve.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace brig::container {

// How many bytes of a file parse_program_format() wants to see.
inline constexpr std::size_t kProgramHeadSize = 4096;

struct ElfFormat {
  std::uint16_t machine = 0;  // EM_* of elf.h
  int bits = 64;
  bool big_endian = false;
  bool executable = true;  // ET_EXEC or ET_DYN: not an object file or a core dump
  // Where PT_INTERP says that the path of the dynamic linker lies in the file; size 0: no PT_INTERP
  // among the program headers that were in view.
  std::uint64_t interpreter_at = 0;
  std::uint64_t interpreter_size = 0;
};

struct ScriptFormat {
  // As the kernel cuts it out of the first line: from the first word after "#!" up to a blank. With
  // Windows line ends its last character is '\r', and no such file exists.
  std::string interpreter;
};

struct ProgramFormat {
  std::optional<ElfFormat> elf;
  std::optional<ScriptFormat> script;
  bool empty = false;
  bool byte_order_mark = false;  // of UTF-8, before "#!"
  bool damaged = false;  // starts as an ELF file but its header is cut short or contradicts itself
};

// `head` is the start of the file: all of it, or at least kProgramHeadSize bytes.
ProgramFormat parse_program_format(std::string_view head);

// The name of an ELF machine as uname(2) writes it ("x86_64", "aarch64"), or "machine 123".
std::string machine_name(const ElfFormat& elf);

// Whether a kernel whose uname(2) machine is `host` can be expected to run such files: the same
// machine, or its 32-bit brother.
bool runs_on(const ElfFormat& elf, std::string_view host);

}  // namespace brig::container
