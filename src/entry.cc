// The program's entry point in a static build for x86-64: what happens before the C library starts.
//
// A command that puts a process into a container executes brig again from a read-only clone of its
// mount, so that no container can write to the program's file (container/self_exe.h). Half of what
// that costs is starting the C library twice: its set-up asks cpuid some dozens of times, each of
// which leaves a virtual machine, and writes to pages that are thrown away. So the second execution
// is tried here, with nothing but system calls. Whatever does not fit or fails is left to
// protect_own_executable(), which checks the result in any case: nothing depends on this file but
// the time.
//
// Nothing here may use a relocation, thread-local storage, or a function of the C library: none of
// them is ready. The loops have a barrier, because compilers make calls of memcpy and strlen of
// them.
#include <fcntl.h>
#include <linux/mount.h>
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
                                        long e = 0) {
  long result;
  asm volatile(
      "movq %[d], %%r10\n\t"
      "movq %[e], %%r8\n\t"
      "syscall"
      : "=a"(result)
      : "a"(number), "D"(a), "S"(b), "d"(c), [d] "r"(d), [e] "r"(e)
      : "rcx", "r8", "r10", "r11", "memory");
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

}  // namespace

// `stack`: argc, argv, a null pointer, envp, a null pointer, as the kernel leaves them. Returns
// when this execution shall go on.
extern "C" __attribute__((used, no_stack_protector, visibility("hidden"))) void brig_execute_again(
    long* stack) {
  char** args = reinterpret_cast<char**>(stack + 1);
  char** variables = args + stack[0] + 1;
  if (stack[0] < 2 || !may_enter_container(args + 1)) return;
  const char* with_mark[kMostVariables + 2];
  long count = 0;
  for (; variables[count] != nullptr; ++count) {
    if (count == kMostVariables || starts_with(variables[count], kExecutedAgain)) return;
    with_mark[count] = variables[count];
    barrier();
  }
  with_mark[count] = kExecutedAgainIsSet;
  with_mark[count + 1] = nullptr;

  const long clone =
      call(SYS_open_tree, AT_FDCWD, address("/proc/self/exe"), OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
  if (clone < 0) return;
  mount_attr attributes;
  attributes.attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NODEV;
  attributes.attr_clr = attributes.propagation = attributes.userns_fd = 0;
  if (!is_unwritable(clone) && call(SYS_mount_setattr, clone, address(""), AT_EMPTY_PATH,
                                    address(&attributes), sizeof attributes) == 0)
    call(SYS_execveat, clone, address(""), address(args), address(with_mark), AT_EMPTY_PATH);
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
  call brig_execute_again
  movq %r13, %rsp
  movq %r12, %rdx
  jmp _start
)");
