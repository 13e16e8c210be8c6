// The program's entry point in a static build for x86-64: what happens before the C library starts.
//
// A command that puts a process into a container runs from a read-only clone of its program's
// mount, so that no container can write to the program's file (container/self_exe.h). Here that is
// cheap: nothing has been written to the program's memory yet. So every segment is mapped anew from
// the clone, and the kernel is told that the clone is what this process executes, which it believes
// when nothing of the old file is mapped any more. Where it refuses, brig executes itself again
// from the clone; that takes a second process start, but not that of the C library.
//
// Whatever does not fit or fails is left to protect_own_executable(), which checks the result in
// any case: nothing depends on this file but the time.
//
// Nothing here may use a relocation, thread-local storage, or a function of the C library: none of
// them is ready. The loops have a barrier, because compilers make calls of memcpy and strlen of
// them.
#include <elf.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <linux/prctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/vfs.h>

#include "container/self_exe.h"

namespace {

using brig::container::kExecutedAgain;
using brig::container::kExecutedAgainIsSet;

// More are left to the C library: the stack's pages cost time.
constexpr long kMostVariables = 500;

// NOLINTNEXTLINE(readability-function-size): as many arguments as a system call has
[[gnu::always_inline]] inline long call(long number, long a = 0, long b = 0, long c = 0, long d = 0,
                                        long e = 0, long f = 0) {
  long result;
  asm volatile(
      "movq %[d], %%r10\n\t"
      "movq %[e], %%r8\n\t"
      "movq %[f], %%r9\n\t"
      "syscall"
      : "=a"(result)
      : "a"(number), "D"(a), "S"(b), "d"(c), [d] "r"(d), [e] "r"(e), [f] "r"(f)
      : "rcx", "r8", "r9", "r10", "r11", "memory");
  return result;
}

template <class T>
[[gnu::always_inline]] inline long address(T* pointer) {
  return reinterpret_cast<long>(pointer);
}

[[gnu::always_inline]] inline void barrier() { asm volatile("" ::: "memory"); }

[[gnu::always_inline]] inline bool starts_with(const char* text, const char* prefix) {
  for (; *prefix != '\0'; ++text, ++prefix) {
    if (*text != *prefix) return false;
    barrier();
  }
  return true;
}

[[gnu::always_inline]] inline bool is(const char* text, const char* word, int length) {
  return starts_with(text, word) && text[length] == '\0';
}

// A word that is an option's value or an operand costs an execution that was not needed, no more.
[[gnu::always_inline]] inline bool may_enter_container(char** args) {
  for (; *args != nullptr; ++args)
    if (is(*args, "create", 6) || is(*args, "run", 3) || is(*args, "exec", 4)) return true;
  return false;
}

[[gnu::always_inline]] inline bool is_unwritable(long fd) {
  struct statfs mount;
  mount.f_flags = 0;
  if (call(SYS_fstatfs, fd, address(&mount)) != 0 || (mount.f_flags & ST_RDONLY) != 0) return true;
  struct statx file;
  file.stx_attributes = 0;
  return call(SYS_statx, fd, address(""), AT_EMPTY_PATH, 0, address(&file)) != 0 ||
         (file.stx_attributes & STATX_ATTR_VERITY) != 0;
}

// --- In the same process

constexpr unsigned long kPage = 4096;
static_assert(sizeof(long) == sizeof(void*));

// NOLINTNEXTLINE(bugprone-reserved-identifier): the linker's name of it
extern "C" __attribute__((visibility("hidden"))) const Elf64_Ehdr __ehdr_start;

// What the kernel knows of the program's memory, as it was (its load_elf_binary()): with the file
// it takes all of it or nothing.
struct Memory {
  prctl_mm_map map;
  unsigned long base;

  [[gnu::always_inline]] void add(const Elf64_Phdr& segment) {
    const unsigned long start = base + segment.p_vaddr;
    const unsigned long end = start + segment.p_filesz;
    if ((segment.p_flags & PF_X) != 0) {
      map.start_code = start;
      map.end_code = end;
    }
    map.start_data = start;  // the last one
    map.end_data = end;
  }

  // The arguments, the environment and their strings, which lie behind each other.
  [[gnu::always_inline]] void add_stack(long* stack) {
    char** last = reinterpret_cast<char**>(stack + 1) + stack[0];
    map.start_stack = static_cast<unsigned long>(address(stack));
    map.arg_start = static_cast<unsigned long>(stack[1]);
    map.arg_end = map.env_start = end_of(last[-1]);
    while (*++last != nullptr) barrier();
    map.env_end = last[-1] == nullptr ? map.env_start : end_of(last[-1]);
  }

  [[gnu::always_inline]] static unsigned long end_of(const char* text) {
    while (*text++ != '\0') barrier();
    return static_cast<unsigned long>(address(text));
  }
};

// A second mapping of what is there: the same bytes, of which none was changed yet but for zeros
// behind the end of the file.
[[gnu::always_inline]] inline bool map_again(const Elf64_Phdr& segment, unsigned long base,
                                             long file) {
  const unsigned long ahead = segment.p_vaddr % kPage;
  const unsigned long start = base + segment.p_vaddr - ahead;
  const int protection = ((segment.p_flags & PF_R) != 0 ? PROT_READ : 0) |
                         ((segment.p_flags & PF_W) != 0 ? PROT_WRITE : 0) |
                         ((segment.p_flags & PF_X) != 0 ? PROT_EXEC : 0);
  const unsigned long length = segment.p_filesz + ahead;
  // Relocation and start-up write to each page of what is writable.
  const int populate = (segment.p_flags & PF_W) != 0 ? MAP_POPULATE : 0;
  if (call(SYS_mmap, static_cast<long>(start), static_cast<long>(length), protection,
           MAP_PRIVATE | MAP_FIXED | populate, file,
           static_cast<long>(segment.p_offset - ahead)) != static_cast<long>(start))
    return false;
  if ((segment.p_flags & PF_W) == 0) return true;
  // NOLINTNEXTLINE(performance-no-int-to-ptr): where the mapping is was computed
  char* end = reinterpret_cast<char*>(start + length);
  for (; reinterpret_cast<unsigned long>(end) % kPage != 0; ++end) {
    *end = '\0';
    barrier();
  }
  return true;
}

// Whether this process executes `file` from now on.
[[gnu::always_inline]] inline bool run_from(long file, long* stack) {
  const Elf64_Ehdr& header = __ehdr_start;
  const auto* segments =
      reinterpret_cast<const Elf64_Phdr*>(reinterpret_cast<const char*>(&header) + header.e_phoff);
  Memory memory;
  memory.base = static_cast<unsigned long>(address(&header));
  for (int i = 0; i < header.e_phnum; ++i) {
    barrier();
    if (segments[i].p_type != PT_LOAD || segments[i].p_filesz == 0) continue;
    if (!map_again(segments[i], memory.base, file)) return false;
    memory.add(segments[i]);
  }
  // The one needs CAP_SYS_RESOURCE, the other CAP_CHECKPOINT_RESTORE or CAP_SYS_ADMIN and a kernel
  // that has it.
  if (call(SYS_prctl, PR_SET_MM, PR_SET_MM_EXE_FILE, file) == 0) return true;
  memory.add_stack(stack);
  memory.map.start_brk = memory.map.brk = static_cast<unsigned long>(call(SYS_brk));
  memory.map.auxv = nullptr;
  memory.map.auxv_size = 0;
  memory.map.exe_fd = static_cast<unsigned>(file);
  return call(SYS_prctl, PR_SET_MM, PR_SET_MM_MAP, address(&memory.map), sizeof memory.map) == 0;
}

// A descriptor that is more than a place, which mmap(2) wants.
[[gnu::always_inline]] inline long open_to_read(long clone) {
  if (clone > 9) return -1;
  char path[] = {'/', 'p', 'r', 'o', 'c', '/', 's', 'e', 'l', 'f', '/', 'f', 'd', '/', '0', '\0'};
  path[14] = static_cast<char>('0' + clone);
  barrier();
  return call(SYS_openat, AT_FDCWD, address(path), O_RDONLY | O_CLOEXEC);
}

// --- By a second execution

// Not inline: its list takes a page of the stack.
[[gnu::noinline]] __attribute__((no_stack_protector)) void execute_from(long clone, char** args,
                                                                        char** variables) {
  const char* with_mark[kMostVariables + 2];
  long count = 0;
  for (; variables[count] != nullptr; ++count) {
    if (count == kMostVariables) return;
    with_mark[count] = variables[count];
    barrier();
  }
  with_mark[count] = kExecutedAgainIsSet;
  with_mark[count + 1] = nullptr;
  call(SYS_execveat, clone, address(""), address(args), address(with_mark), AT_EMPTY_PATH);
}

}  // namespace

// `stack`: argc, argv, a null pointer, envp, a null pointer, as the kernel leaves them. Returns
// when this execution shall go on.
extern "C" __attribute__((used, no_stack_protector, visibility("hidden"))) void
brig_leave_own_mount(long* stack) {
  char** args = reinterpret_cast<char**>(stack + 1);
  char** variables = args + stack[0] + 1;
  if (stack[0] < 2 || !may_enter_container(args + 1)) return;
  for (char** variable = variables; *variable != nullptr; ++variable)
    if (starts_with(*variable, kExecutedAgain)) return;

  const long clone =
      call(SYS_open_tree, AT_FDCWD, address("/proc/self/exe"), OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
  if (clone < 0) return;
  mount_attr attributes;
  attributes.attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NODEV;
  attributes.attr_clr = attributes.propagation = attributes.userns_fd = 0;
  if (!is_unwritable(clone) && call(SYS_mount_setattr, clone, address(""), AT_EMPTY_PATH,
                                    address(&attributes), sizeof attributes) == 0) {
    const long file = open_to_read(clone);
    if (file < 0 || !run_from(file, stack)) execute_from(clone, args, variables);
    if (file >= 0) call(SYS_close, file);
  }
  call(SYS_close, clone);
}

// As the C library's own: rdx holds what it passes to atexit(3).
asm(R"(
  .text
  .globl brig_entry
  .type brig_entry, @function
brig_entry:
  endbr64
  movq %rdx, %r12
  movq %rsp, %rdi
  movq %rsp, %r13
  andq $-16, %rsp
  call brig_leave_own_mount
  movq %r13, %rsp
  movq %r12, %rdx
  jmp _start
)");
