#include "container/program_format.h"

#include <doctest/doctest.h>
#include <elf.h>

#include <cstring>

using namespace brig::container;

namespace {

// A header as the linker writes it, with one PT_INTERP behind a PT_LOAD.
template <class Header, class Segment>
std::string elf_file(unsigned char elf_class, std::uint16_t machine, std::string_view interpreter) {
  Header header = {};
  std::memcpy(header.e_ident, ELFMAG, SELFMAG);
  header.e_ident[EI_CLASS] = elf_class;
  header.e_ident[EI_DATA] = ELFDATA2LSB;
  header.e_type = ET_DYN;
  header.e_machine = machine;
  header.e_phoff = sizeof header;
  header.e_phentsize = sizeof(Segment);
  header.e_phnum = 2;
  Segment segments[2] = {};
  segments[0].p_type = PT_LOAD;
  segments[1].p_type = PT_INTERP;
  segments[1].p_offset = sizeof header + sizeof segments;
  segments[1].p_filesz = static_cast<decltype(segments[1].p_filesz)>(interpreter.size() + 1);
  std::string file(reinterpret_cast<const char*>(&header), sizeof header);
  file.append(reinterpret_cast<const char*>(segments), sizeof segments);
  return file.append(interpreter).append(1, '\0');
}

std::string elf64(std::uint16_t machine, std::string_view interpreter) {
  return elf_file<Elf64_Ehdr, Elf64_Phdr>(ELFCLASS64, machine, interpreter);
}

}  // namespace

TEST_CASE("an ELF file's machine and interpreter are found in both classes") {
  const std::string linker = "/lib/ld-musl-x86_64.so.1";
  const std::string files[] = {elf64(EM_X86_64, linker),
                               elf_file<Elf32_Ehdr, Elf32_Phdr>(ELFCLASS32, EM_386, linker)};
  for (const std::string& file : files) {
    const ProgramFormat format = parse_program_format(file);
    REQUIRE(format.elf);
    CHECK_FALSE(format.damaged);
    CHECK(format.elf->executable);
    CHECK(file.substr(format.elf->interpreter_at, format.elf->interpreter_size) ==
          linker + std::string(1, '\0'));
  }
  CHECK(machine_name(*parse_program_format(files[0]).elf) == "x86_64");
  CHECK(machine_name(*parse_program_format(files[1]).elf) == "i386");
}

TEST_CASE("a big-endian header is read in its own order") {
  std::string file(64, '\0');
  std::memcpy(file.data(), ELFMAG, SELFMAG);
  file[EI_CLASS] = ELFCLASS64;
  file[EI_DATA] = ELFDATA2MSB;
  file[17] = ET_EXEC;
  file[19] = EM_S390;
  file[55] = 56;  // e_phentsize
  const ProgramFormat format = parse_program_format(file);
  REQUIRE(format.elf);
  CHECK(format.elf->executable);
  CHECK(machine_name(*format.elf) == "s390x");
  CHECK(format.elf->interpreter_size == 0);
}

TEST_CASE("every truncation of an ELF file is safe and never invents an interpreter") {
  const std::string whole = elf64(EM_AARCH64, "/lib/ld-linux-aarch64.so.1");
  for (std::size_t size = 4; size < whole.size(); ++size) {
    CAPTURE(size);
    const ProgramFormat format = parse_program_format(std::string_view(whole).substr(0, size));
    CHECK(format.damaged == (size < sizeof(Elf64_Ehdr)));
    if (format.elf && size < sizeof(Elf64_Ehdr) + sizeof(Elf64_Phdr) * 2 - 8)
      CHECK((format.elf->interpreter_size == 0 || size >= sizeof(Elf64_Ehdr) + sizeof(Elf64_Phdr)));
  }
  CHECK_FALSE(parse_program_format(std::string_view(whole).substr(0, 64 + 56 + 4)).damaged);
  CHECK(
      parse_program_format(std::string_view(whole).substr(0, 64 + 56 + 4)).elf->interpreter_size ==
      0);
}

TEST_CASE("contradictions and absurd numbers in an ELF header are safe") {
  std::string file = elf64(EM_X86_64, "/lib/ld.so");
  auto* header = reinterpret_cast<Elf64_Ehdr*>(file.data());
  header->e_phnum = 0xFFFF;
  CHECK(parse_program_format(file).elf->interpreter_size == 11);
  header->e_phoff = ~0ULL - 8;
  CHECK(parse_program_format(file).elf->interpreter_size == 0);
  header->e_phentsize = 1;
  CHECK(parse_program_format(file).damaged);
  header->e_phentsize = sizeof(Elf64_Phdr);
  header->e_type = ET_REL;
  CHECK_FALSE(parse_program_format(file).elf->executable);
  header->e_ident[EI_CLASS] = 9;
  CHECK(parse_program_format(file).damaged);
}

TEST_CASE("the interpreter of a script is cut out as the kernel does it") {
  struct Case {
    std::string_view head;
    const char* interpreter;
  };
  const Case cases[] = {
      {"#!/bin/sh\necho\n", "/bin/sh"},
      {"#! /bin/sh -e\n", "/bin/sh"},
      {"#!\t/usr/bin/env\tpython3 -u\n", "/usr/bin/env"},
      {"#!/bin/sh\r\necho\r\n", "/bin/sh\r"},
      {"#!/bin/bash", "/bin/bash"},
      {"#!\n/bin/sh\n", ""},
      {"#!", ""},
      {"#!   ", ""},
  };
  for (const Case& one : cases) {
    CAPTURE(one.head);
    const ProgramFormat format = parse_program_format(one.head);
    REQUIRE(format.script);
    CHECK(format.script->interpreter == one.interpreter);
    CHECK_FALSE(format.elf);
  }
}

TEST_CASE("what is neither ELF nor script is said to be nothing") {
  CHECK(parse_program_format("").empty);
  for (const char* text : {"echo hello\n", "#",
                           "\x7f"
                           "EL",
                           " #!/bin/sh\n"}) {
    const ProgramFormat format = parse_program_format(text);
    CHECK_FALSE(format.empty);
    CHECK_FALSE(format.elf);
    CHECK_FALSE(format.script);
    CHECK_FALSE(format.damaged);
  }
}

TEST_CASE("a machine runs its own programs and those of its 32-bit brother") {
  const ElfFormat x86_64 = {.machine = EM_X86_64};
  const ElfFormat i386 = {.machine = EM_386, .bits = 32};
  const ElfFormat arm64 = {.machine = EM_AARCH64};
  const ElfFormat arm = {.machine = EM_ARM, .bits = 32};
  const ElfFormat ppc64 = {.machine = EM_PPC64, .big_endian = true};
  CHECK(runs_on(x86_64, "x86_64"));
  CHECK(runs_on(i386, "x86_64"));
  CHECK(runs_on(i386, "i686"));
  CHECK_FALSE(runs_on(x86_64, "i686"));
  CHECK_FALSE(runs_on(arm64, "x86_64"));
  CHECK(runs_on(arm, "aarch64"));
  CHECK(runs_on(arm, "armv7l"));
  CHECK_FALSE(runs_on(ppc64, "ppc64le"));
  CHECK(machine_name({.machine = 999}) == "machine 999");
}
