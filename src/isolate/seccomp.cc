#include "isolate/seccomp.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstring>
#include <memory>
#include <optional>

#include "base/concat.h"
#include "brig/error.h"
#include "isolate/seccomp_compact.h"
#include "isolate/seccomp_enosys.h"
#include "isolate/seccomp_pass.h"
#include "isolate/seccomp_plain.h"
#include "oci/words.h"
#include "sys/file.h"
#include "sys/seccomp.h"

namespace brig::isolate {

namespace {

// libseccomp's context of one filter.
struct ReleaseContext {
  void operator()(void* context) const { seccomp_release(context); }
};
using Context = std::unique_ptr<void, ReleaseContext>;

// More rules than a filter can have, and more names than a warning need list.
constexpr std::size_t kMostRules = 8192;
constexpr std::size_t kMostNames = 100;

// libseccomp calls return 0 or a negative errno.
sys::Result<void> checked(int returned) {
  return returned < 0 ? sys::Result<void>::failure(-returned) : sys::Result<void>();
}

std::uint32_t scmp_action(SeccompAction action, const std::optional<std::uint32_t>& errno_ret) {
  switch (action) {
    case SeccompAction::kKillThread:
      return SCMP_ACT_KILL_THREAD;
    case SeccompAction::kKillProcess:
      return SCMP_ACT_KILL_PROCESS;
    case SeccompAction::kTrap:
      return SCMP_ACT_TRAP;
    case SeccompAction::kErrno:
      return SCMP_ACT_ERRNO(errno_ret.value_or(EPERM));
    case SeccompAction::kTrace:
      return SCMP_ACT_TRACE(errno_ret.value_or(EPERM));
    case SeccompAction::kAllow:
      return SCMP_ACT_ALLOW;
    case SeccompAction::kLog:
      return SCMP_ACT_LOG;
    case SeccompAction::kNotify:
      break;
  }
  return SCMP_ACT_NOTIFY;
}

scmp_compare scmp_operator(SeccompOperator op) {
  switch (op) {
    case SeccompOperator::kNotEqual:
      return SCMP_CMP_NE;
    case SeccompOperator::kLess:
      return SCMP_CMP_LT;
    case SeccompOperator::kLessEqual:
      return SCMP_CMP_LE;
    case SeccompOperator::kEqual:
      return SCMP_CMP_EQ;
    case SeccompOperator::kGreaterEqual:
      return SCMP_CMP_GE;
    case SeccompOperator::kGreater:
      return SCMP_CMP_GT;
    case SeccompOperator::kMaskedEqual:
      break;
  }
  return SCMP_CMP_MASKED_EQ;
}

// libseccomp's token of "SCMP_ARCH_X86_64" (its own name is "x86_64"); 0 when it knows none.
std::uint32_t arch_token(std::string_view word) {
  std::string name(word.substr(std::string_view("SCMP_ARCH_").size()));
  for (char& letter : name)
    letter = static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
  return seccomp_arch_resolve_name(name.c_str());
}

// The architectures of the filter, the native one first: libseccomp always includes that.
std::vector<std::uint32_t> add_architectures(void* context, const Seccomp& profile) {
  std::vector<std::uint32_t> tokens = {seccomp_arch_native()};
  for (std::size_t i = 0; i < profile.architectures.size(); ++i) {
    const std::string& word = profile.architectures[i];
    const std::uint32_t token = arch_token(word);
    if (token == 0)
      throw Error(concat("linux.seccomp.architectures[", i, "]: libseccomp ",
                         seccomp_library_version(), " does not know ", word));
    if (std::find(tokens.begin(), tokens.end(), token) != tokens.end()) continue;
    checked(seccomp_arch_add(context, token))
        .or_throw("linux.seccomp.architectures[", i, "]: add ", word, " to the filter");
    tokens.push_back(token);
  }
  return tokens;
}

std::vector<scmp_arg_cmp> conditions(const std::vector<SeccompArg>& args) {
  std::vector<scmp_arg_cmp> tests;
  tests.reserve(args.size());
  for (const SeccompArg& arg : args)
    tests.push_back({arg.index, scmp_operator(arg.op), arg.value, arg.value_two});
  return tests;
}

bool tests_an_argument_twice(const std::vector<SeccompArg>& args) {
  std::uint32_t seen = 0;
  for (const SeccompArg& arg : args) {
    const std::uint32_t bit = 1U << (arg.index % 32U);
    if ((seen & bit) != 0) return true;
    seen |= bit;
  }
  return false;
}

// Each rule takes at least one instruction, of which the kernel takes no more than BPF_MAXINSNS,
// and libseccomp's time grows with the square of their number.
void check_size(const Seccomp& profile) {
  std::size_t rules = 0;
  for (const SeccompSyscall& entry : profile.syscalls)
    rules += entry.names.size() * std::max<std::size_t>(entry.args.size(), 1);
  if (rules > kMostRules)
    throw Error(concat("linux.seccomp.syscalls: ", rules,
                       " system calls and tests of arguments, but a filter cannot "
                       "hold more than ",
                       kMostRules, "; shorten the profile"));
}

// One entry of `syscalls`, ready for libseccomp.
struct Rule {
  std::uint32_t action = 0;
  std::vector<scmp_arg_cmp> tests;
  bool split = false;  // each test is a rule of its own
};

void add_rule(void* context, const Rule& rule, int number) {
  const auto add = [&](const scmp_arg_cmp* tests, std::size_t count) {
    const int returned =
        seccomp_rule_add_array(context, rule.action, number, static_cast<unsigned>(count), tests);
    if (returned == -EEXIST)
      throw Error("an earlier rule has the same condition and another action");
    checked(returned).or_throw("add the rule to the filter");
  };
  if (!rule.split) return add(rule.tests.data(), rule.tests.size());
  for (const scmp_arg_cmp& test : rule.tests) add(&test, 1);
}

// The system calls that a profile names.
struct Calls {
  std::vector<NamedCall> named;
  std::vector<CallNumbers> numbers;       // on each architecture of the filter
  std::vector<std::string_view> unknown;  // names that libseccomp does not know
};

// `tokens`: of the architectures, the native one first.
Calls number_calls(const Seccomp& profile, const std::vector<std::uint32_t>& tokens) {
  const std::uint32_t default_action =
      scmp_action(profile.default_action, profile.default_errno_ret);
  Calls calls;
  // libseccomp's tokens are AUDIT_ARCH_*, but for x32, which the kernel reports as x86-64.
  for (const std::uint32_t token : tokens)
    calls.numbers.push_back({token == SCMP_ARCH_X32 ? SCMP_ARCH_X86_64 : token, {}});
  for (std::size_t i = 0; i < profile.syscalls.size(); ++i) {
    const SeccompSyscall& entry = profile.syscalls[i];
    const std::uint32_t action = scmp_action(entry.action, entry.errno_ret);
    const bool idle = action == default_action;
    for (const std::string& name : entry.names) {
      if (seccomp_syscall_resolve_name(name.c_str()) == __NR_SCMP_ERROR) {
        if (!idle) calls.unknown.push_back(name);
        continue;
      }
      calls.named.push_back({name, i, action, !entry.args.empty(), idle});
      for (std::size_t at = 0; at < tokens.size(); ++at)
        calls.numbers[at].numbers.push_back(
            seccomp_syscall_resolve_name_arch(tokens[at], name.c_str()));
    }
  }
  return calls;
}

// Adds the rules of the `wanted` calls in the order of the profile, which decides between rules of
// one system call (and of socketcall(2), which libseccomp mixes with them).
void add_rules(void* context, const Seccomp& profile, const Calls& calls,
               const std::vector<bool>& wanted) {
  for (std::size_t i = 0; i < calls.named.size(); ++i) {
    if (!wanted[i]) continue;
    const NamedCall& call = calls.named[i];
    const std::vector<SeccompArg>& args = profile.syscalls[call.entry].args;
    with_context([&] { return concat("linux.seccomp.syscalls[", call.entry, "]: ", call.name); },
                 [&] {
                   add_rule(context, {call.answer, conditions(args), tests_an_argument_twice(args)},
                            calls.numbers[0].numbers[i]);
                 });
  }
}

// libseccomp loads the number in front of the first call of an architecture's list, and nowhere
// when that is a call which the architecture does not have: then the filter compares the
// architecture with numbers and no rule holds (2.5.4 and 2.6.1). So one that it has comes first.
void put_existing_calls_first(void* context, const Calls& calls, const std::vector<bool>& wanted) {
  const std::vector<int>& native = calls.numbers[0].numbers;
  for (const CallNumbers& architecture : calls.numbers) {
    // Not every architecture has the parts of socketcall(2) as such.
    std::optional<std::size_t> first;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      if (!wanted[i] || architecture.numbers[i] <= kAbsent) continue;
      if (!first || architecture.numbers[i] >= 0) first = i;
      if (architecture.numbers[i] >= 0) break;
    }
    if (first)
      checked(seccomp_syscall_priority(context, native[*first], 1))
          .or_throw("linux.seccomp: put ", calls.named[*first].name, " first");
  }
}

std::string unknown_syscalls_warning(const std::vector<std::string_view>& names) {
  std::string text = concat("linux.seccomp: libseccomp ", seccomp_library_version(),
                            " does not know and leaves out:");
  for (std::size_t i = 0; i < names.size() && i < kMostNames; ++i) append(text, " ", names[i]);
  if (names.size() > kMostNames) append(text, " and ", names.size() - kMostNames, " others");
  return text;
}

// True when the default action refuses a system call in a way that a program could not tell from
// "not permitted". A tracer and a listener decide themselves.
bool refuses_unknown_calls(std::uint32_t default_action) {
  return default_action != SCMP_ACT_ALLOW && default_action != SCMP_ACT_LOG &&
         (default_action & SECCOMP_RET_ACTION_FULL) != SECCOMP_RET_TRACE &&
         default_action != SCMP_ACT_NOTIFY && default_action != SCMP_ACT_ERRNO(ENOSYS);
}

// The highest number of a call on an architecture, whatever the action; none when it has none.
std::optional<std::uint32_t> last_syscall(const CallNumbers& architecture) {
  int last = -1;
  for (const int number : architecture.numbers) {
    if (architecture.audit_arch == SCMP_ARCH_ARM && number >= static_cast<int>(kArmPrivateCalls))
      continue;
    last = std::max(last, number);
  }
  if (last < 0) return std::nullopt;
  return static_cast<std::uint32_t>(last);
}

std::vector<SyscallAbi> syscall_abis(const Calls& calls, const std::vector<std::uint32_t>& tokens) {
  std::vector<SyscallAbi> abis;
  for (std::size_t at = 0; at < tokens.size(); ++at)
    if (const std::optional<std::uint32_t> last = last_syscall(calls.numbers[at]))
      abis.push_back({.audit_arch = calls.numbers[at].audit_arch,
                      .x32 = tokens[at] == SCMP_ARCH_X32,
                      .last = *last});
  return abis;
}

std::string export_bytes(void* context) {
#if SCMP_VER_MAJOR > 2 || (SCMP_VER_MAJOR == 2 && SCMP_VER_MINOR >= 6)
  std::size_t size = 0;
  checked(seccomp_export_bpf_mem(context, nullptr, &size)).or_throw("compile linux.seccomp");
  std::string bpf(size, '\0');
  checked(seccomp_export_bpf_mem(context, bpf.data(), &size)).or_throw("compile linux.seccomp");
  return bpf;
#else
  const sys::OwnFd file(::memfd_create("seccomp", MFD_CLOEXEC));
  if (!file) throw Error("compile linux.seccomp: memfd_create", errno);
  checked(seccomp_export_bpf(context, file.get())).or_throw("compile linux.seccomp");
  if (::lseek(file.get(), 0, SEEK_SET) < 0) throw Error("compile linux.seccomp: lseek", errno);
  return sys::read_all(file.get()).or_throw("read the compiled linux.seccomp");
#endif
}

unsigned flag_bit(std::string_view word) {
  if (word == "SECCOMP_FILTER_FLAG_TSYNC") return SECCOMP_FILTER_FLAG_TSYNC;
  if (word == "SECCOMP_FILTER_FLAG_LOG") return SECCOMP_FILTER_FLAG_LOG;
  if (word == "SECCOMP_FILTER_FLAG_SPEC_ALLOW") return SECCOMP_FILTER_FLAG_SPEC_ALLOW;
  if (word == "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV")
    return SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;
  return 0;
}

bool notifies(const Seccomp& profile) {
  return profile.default_action == SeccompAction::kNotify ||
         std::any_of(profile.syscalls.begin(), profile.syscalls.end(),
                     [](const SeccompSyscall& rule) {
                       return rule.action == SeccompAction::kNotify && !rule.names.empty();
                     });
}

unsigned filter_flags(const Seccomp& profile) {
  unsigned flags = 0;
  if (!profile.flags) flags = SECCOMP_FILTER_FLAG_SPEC_ALLOW;
  for (const std::string& word : profile.flags.value_or(std::vector<std::string>()))
    flags |= flag_bit(word);
  if (!notifies(profile)) return flags & ~unsigned{SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV};
  if ((flags & SECCOMP_FILTER_FLAG_TSYNC) != 0) flags |= SECCOMP_FILTER_FLAG_TSYNC_ESRCH;
  return flags | SECCOMP_FILTER_FLAG_NEW_LISTENER;
}

std::string bytes_of(const std::vector<sock_filter>& program) {
  return std::string(reinterpret_cast<const char*>(program.data()),
                     program.size() * sizeof(sock_filter));
}

// Puts what libseccomp has made of its rules behind `program`.
void append_export(void* context, std::vector<sock_filter>& program) {
  const std::string bytes = export_bytes(context);
  const std::size_t before = program.size();
  program.resize(before + bytes.size() / sizeof(sock_filter));
  std::memcpy(program.data() + before, bytes.data(), bytes.size());
}

// What libseccomp is given of a profile.
enum class Share : std::uint8_t { kAll, kWhatIsNotPlain };

// A filter as libseccomp writes it, behind the rule of seccomp_enosys.h.
struct Draft {
  std::vector<sock_filter> program;
  PlainAnswers plain;  // those that libseccomp was not asked for
  std::vector<std::string> warnings;
};

// Which calls libseccomp gets, and into `plain` the answers of the others.
std::vector<bool> calls_to_translate(const Calls& calls, Share share,
                                     std::vector<PlainCalls>& plain) {
  SortedCalls sorted = sort_calls(calls.named, calls.numbers);
  plain = std::move(sorted.plain);
  // It also says which actions this kernel knows, so that it gets one call of each.
  std::vector<std::uint32_t> actions;
  for (std::size_t i = 0; i < calls.named.size(); ++i) {
    const NamedCall& call = calls.named[i];
    if (call.idle) continue;
    if (share == Share::kAll) sorted.for_libseccomp[i] = true;
    if (std::find(actions.begin(), actions.end(), call.answer) != actions.end()) continue;
    sorted.for_libseccomp[i] = true;
    actions.push_back(call.answer);
  }
  return sorted.for_libseccomp;
}

Draft translate(const Seccomp& profile, Share share) {
  check_size(profile);
  const std::uint32_t default_action =
      scmp_action(profile.default_action, profile.default_errno_ret);
  const Context context(seccomp_init(default_action));
  if (!context) throw Error("linux.seccomp.defaultAction: libseccomp does not accept it");
  const std::vector<std::uint32_t> tokens = add_architectures(context.get(), profile);
  const Calls calls = number_calls(profile, tokens);

  Draft draft;
  if (!calls.unknown.empty()) draft.warnings.push_back(unknown_syscalls_warning(calls.unknown));
  const std::vector<bool> wanted = calls_to_translate(calls, share, draft.plain.calls);
  add_rules(context.get(), profile, calls, wanted);
  put_existing_calls_first(context.get(), calls, wanted);
  if (refuses_unknown_calls(default_action))
    draft.program = enosys_stub(syscall_abis(calls, tokens));
  draft.plain.at = draft.program.size();
  append_export(context.get(), draft.program);
  return draft;
}

void check_loaded(const sys::Result<void>& loaded) {
  if (loaded.error() == EACCES)
    throw Error(
        "load the linux.seccomp filter: needs CAP_SYS_ADMIN or process.noNewPrivileges true");
  if (loaded.error() == EBUSY)
    throw Error(
        "load the linux.seccomp filter: brig itself runs under a filter with SCMP_ACT_NOTIFY, and "
        "the kernel allows one listener");
  if (loaded.error() == EINVAL)
    throw Error(
        "load the linux.seccomp filter: this kernel does not know one of linux.seccomp.flags "
        "(`brig features` lists what it knows)",
        EINVAL);
  loaded.or_throw("load the linux.seccomp filter");
}

}  // namespace

std::vector<sock_filter> translate_seccomp(const Seccomp& profile) {
  return translate(profile, Share::kAll).program;
}

SeccompFilter compile_seccomp(const Seccomp& profile) {
  const Draft draft = translate(profile, Share::kWhatIsNotPlain);
  std::optional<std::vector<sock_filter>> program = compact_filter(draft.program, draft.plain);
  if (!program) program = translate_seccomp(profile);
  SeccompFilter filter = {
      .bpf = bytes_of(*program), .flags = filter_flags(profile), .warnings = draft.warnings};
  const std::size_t count = program->size() + (has_listener(filter.flags) ? kPassStubLength : 0);
  if (count > BPF_MAXINSNS)
    throw Error(concat("linux.seccomp: the filter has ", count,
                       " instructions and the kernel takes ", BPF_MAXINSNS,
                       "; shorten the profile or list fewer architectures"));
  return filter;
}

bool has_listener(unsigned flags) noexcept {
  return (flags & SECCOMP_FILTER_FLAG_NEW_LISTENER) != 0;
}

void load_seccomp(std::string_view bpf, unsigned flags) {
  check_loaded(sys::install_seccomp_filter(bpf, flags));
}

void load_seccomp_with_listener(std::string_view bpf, unsigned flags,
                                const ListenerTarget& target) {
  const sys::FilterPass pass = sys::make_filter_pass().or_throw("get random numbers");
  std::string program = bytes_of(pass_stub(seccomp_arch_native(), pass));
  program.append(bpf);
  check_loaded(sys::install_notifying_filter(
      program, flags, {.socket = target.socket, .message = target.message, .pass = pass}));
}

std::string seccomp_library_version() {
  const scmp_version* version = seccomp_version();
  return concat(version->major, ".", version->minor, ".", version->micro);
}

SeccompSupport seccomp_support() {
  SeccompSupport support;
  for (const std::string_view word : oci::kSeccompArchWords)
    if (arch_token(word) != 0) support.archs.push_back(word);
  for (const std::string_view word : oci::kSeccompFlagWords) {
    unsigned flag = flag_bit(word);
    if (flag == SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV) flag |= SECCOMP_FILTER_FLAG_NEW_LISTENER;
    if (sys::seccomp_flag_known(flag)) support.flags.push_back(word);
  }
  return support;
}

}  // namespace brig::isolate
