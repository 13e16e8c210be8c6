#include "cgroup/devices_bpf.h"

#include <algorithm>
#include <cstddef>
#include <limits>

#include "base/concat.h"
#include "brig/error.h"
#include "sys/bpf.h"
#include "sys/caller.h"

namespace brig::cgroup {

namespace {

using Rule = DeviceFilter::Rule;
constexpr std::uint32_t kMknod = BPF_DEVCG_ACC_MKNOD;
constexpr std::uint32_t kAll = BPF_DEVCG_ACC_MKNOD | BPF_DEVCG_ACC_READ | BPF_DEVCG_ACC_WRITE;

// What every container may use, as runc and crun have it.
const Rule kDefaultRules[] = {
    {true, 'a', {}, {}, kMknod},  //
    {true, 'c', 1, 3, kAll},      // null
    {true, 'c', 1, 5, kAll},      // zero
    {true, 'c', 1, 7, kAll},      // full
    {true, 'c', 1, 8, kAll},      // random
    {true, 'c', 1, 9, kAll},      // urandom
    {true, 'c', 5, 0, kAll},      // tty
    {true, 'c', 5, 1, kAll},      // console
    {true, 'c', 5, 2, kAll},      // ptmx
    {true, 'c', 136, {}, kAll},   // pts
    {true, 'c', 10, 200, kAll},   // tun
};

std::optional<std::uint32_t> device_number(std::optional<std::int64_t> number,
                                           const char* property) {
  if (!number || *number < 0) return std::nullopt;
  if (*number > std::numeric_limits<std::uint32_t>::max())
    throw Error(concat(property, ": ", *number, " is no device number"));
  return static_cast<std::uint32_t>(*number);
}

std::uint32_t access_bits(const std::string& access) {
  if (access.empty()) return kAll;
  std::uint32_t bits = 0;
  for (const char letter : access) {
    if (letter == 'r')
      bits |= BPF_DEVCG_ACC_READ;
    else if (letter == 'w')
      bits |= BPF_DEVCG_ACC_WRITE;
    else if (letter == 'm')
      bits |= BPF_DEVCG_ACC_MKNOD;
    else
      throw Error(concat("access: \"", access, "\" may hold only the letters r, w and m"));
  }
  return bits;
}

Rule translate(const DeviceRule& rule) {
  if (rule.type != 'a' && rule.type != 'b' && rule.type != 'c')
    throw Error(concat("type: \"", rule.type, "\" must be a, b or c"));
  return {rule.allow, rule.type, device_number(rule.major, "major"),
          device_number(rule.minor, "minor"), access_bits(rule.access)};
}

using Number = std::optional<std::uint32_t>;
bool number_covers(const Number& wide, const Number& narrow) { return !wide || wide == narrow; }
bool numbers_meet(const Number& a, const Number& b) { return !a || !b || a == b; }

// Every device of `narrow` is one of `wide` too.
bool covers_devices(const Rule& wide, const Rule& narrow) {
  return (wide.type == 'a' || wide.type == narrow.type) &&
         number_covers(wide.major, narrow.major) && number_covers(wide.minor, narrow.minor);
}

// Some access to some device is subject to both.
bool overlap(const Rule& a, const Rule& b) {
  return (a.access & b.access) != 0 && (a.type == 'a' || b.type == 'a' || a.type == b.type) &&
         numbers_meet(a.major, b.major) && numbers_meet(a.minor, b.minor);
}

// Adds `rule`, which comes after all of `filter` in order of matching, unless earlier ones decide
// all of it.
void add_rule(DeviceFilter& filter, const Rule& rule) {
  std::uint32_t open = rule.access;
  for (const Rule& earlier : filter.rules)
    if (covers_devices(earlier, rule)) open &= ~earlier.access;
  if (open != 0) filter.rules.push_back(rule);
}

// Removes the rules that say the same as what would happen without them: no later one contradicts
// them.
void drop_idle_rules(DeviceFilter& filter) {
  std::vector<Rule>& rules = filter.rules;
  for (std::size_t i = rules.size(); i-- > 0;) {
    const Rule rule = rules[i];
    const auto contradicts = [&](const Rule& later) {
      return later.allow != rule.allow && overlap(later, rule);
    };
    const auto after = rules.begin() + static_cast<std::ptrdiff_t>(i) + 1;
    if (rule.allow == filter.default_allow && std::none_of(after, rules.end(), contradicts))
      rules.erase(after - 1);
  }
}

// Up to 32 rules of one kind that differ in the minor number only: `minors` has a bit for each of
// those from `first_minor`, a multiple of 32, on. A rule about any minor is one with no bit set.
struct RuleGroup {
  Rule rule;
  std::uint32_t first_minor = 0;
  std::uint32_t minors = 0;

  // Whether `other`, the next rule in the config's order, can be answered together with this group.
  [[nodiscard]] bool takes(const Rule& other) const {
    return minors != 0 && other.minor && rule.allow == other.allow && rule.type == other.type &&
           rule.major == other.major && rule.access == other.access &&
           first_minor == (*other.minor & ~31U);
  }
};

// In the config's order: the last match counts. Rules that allow may change places with each other,
// and so may rules that deny.
std::vector<RuleGroup> group_rules(const DeviceFilter& filter) {
  std::vector<RuleGroup> groups;
  std::size_t run = 0;  // where the groups with the present verdict begin
  for (auto rule = filter.rules.rbegin(); rule != filter.rules.rend(); ++rule) {
    if (!groups.empty() && groups.back().rule.allow != rule->allow) run = groups.size();
    const auto group =
        std::find_if(groups.begin() + static_cast<std::ptrdiff_t>(run), groups.end(),
                     [&](const RuleGroup& candidate) { return candidate.takes(*rule); });
    const std::uint32_t bit = rule->minor ? 1U << (*rule->minor & 31U) : 0;
    if (group != groups.end())
      group->minors |= bit;
    else
      groups.push_back({*rule, rule->minor.value_or(0) & ~31U, bit});
  }
  return groups;
}

// Builds the program, which has no jumps: the kernel's verifier follows every path, and loading the
// usual filter as a chain of comparisons took it six times as long. Each group of rules computes a
// mask, its accesses when the device matches and else 0, and adds it to the allowed accesses or
// takes it out.
class Assembler {
 public:
  explicit Assembler(bool default_allow) {
    // access_type is (access << 16) | type.
    load(kAccess, offsetof(bpf_cgroup_dev_ctx, access_type));
    load(kMajor, offsetof(bpf_cgroup_dev_ctx, major));
    load(kWindow, offsetof(bpf_cgroup_dev_ctx, minor));
    operate(BPF_MOV, kNotChar, kAccess);
    operate(BPF_AND, kNotChar, 0xffffU);
    operate(BPF_MOV, kNotBlock, kNotChar);
    operate(BPF_XOR, kNotChar, std::uint32_t{BPF_DEVCG_DEV_CHAR});
    operate(BPF_XOR, kNotBlock, std::uint32_t{BPF_DEVCG_DEV_BLOCK});
    operate(BPF_RSH, kAccess, 16U);
    operate(BPF_MOV, kBit, kWindow);
    operate(BPF_AND, kBit, 31U);
    operate(BPF_RSH, kWindow, 5U);
    operate(BPF_MOV, kAllowed, default_allow ? kAll : 0U);
  }

  void add(const RuleGroup& group) {
    const Rule& rule = group.rule;
    if (rule.type == 'a' && !rule.major && !rule.minor) {
      operate(rule.allow ? BPF_OR : BPF_AND, kAllowed, rule.allow ? rule.access : ~rule.access);
      return;
    }
    match(group);
    operate(BPF_MUL, kMask, rule.access);
    if (!rule.allow) operate(BPF_XOR, kMask, kAll);
    operate(rule.allow ? BPF_OR : BPF_AND, kAllowed, kMask);
  }

  // Returns whether every access that is asked for is allowed.
  std::vector<bpf_insn> finish() {
    operate(BPF_XOR, kAllowed, kAll);
    operate(BPF_AND, kAllowed, kAccess);
    one_if_zero(kAllowed);
    emit(BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
    return std::move(code_);
  }

 private:
  // Registers.
  static constexpr std::uint8_t kAllowed = BPF_REG_0;
  static constexpr std::uint8_t kContext = BPF_REG_1;  // as the kernel passes it
  static constexpr std::uint8_t kNotChar = BPF_REG_2;  // 0 for a character device
  static constexpr std::uint8_t kAccess = BPF_REG_3;
  static constexpr std::uint8_t kMajor = BPF_REG_4;
  static constexpr std::uint8_t kNotBlock = BPF_REG_5;
  static constexpr std::uint8_t kMask = BPF_REG_6;
  static constexpr std::uint8_t kScratch = BPF_REG_7;
  static constexpr std::uint8_t kWindow = BPF_REG_8;  // minor / 32
  static constexpr std::uint8_t kBit = BPF_REG_9;     // minor % 32

  // Leaves 1 in kMask when the device is one of the group's, else 0. First it collects the bits in
  // which they differ.
  void match(const RuleGroup& group) {
    operate(BPF_MOV, kMask, group.rule.major.value_or(0));
    if (group.rule.major) operate(BPF_XOR, kMask, kMajor);
    if (group.rule.type != 'a')
      operate(BPF_OR, kMask, group.rule.type == 'b' ? kNotBlock : kNotChar);
    if (group.rule.minor) {
      operate(BPF_MOV, kScratch, group.first_minor / 32);
      operate(BPF_XOR, kScratch, kWindow);
      operate(BPF_OR, kMask, kScratch);
    }
    one_if_zero(kMask);
    if (group.rule.minor) {
      operate(BPF_MOV, kScratch, group.minors);
      operate(BPF_RSH, kScratch, kBit);
      operate(BPF_AND, kMask, kScratch);
    }
  }

  // The registers hold 32-bit values, so only 0 - 1 reaches the highest of 64 bits.
  void one_if_zero(std::uint8_t reg) {
    emit(BPF_ALU64 | BPF_SUB | BPF_K, reg, 0, 0, 1);
    emit(BPF_ALU64 | BPF_RSH | BPF_K, reg, 0, 0, 63);
  }

  void load(std::uint8_t reg, std::size_t offset) {
    emit(BPF_LDX | BPF_MEM | BPF_W, reg, kContext, static_cast<std::int16_t>(offset), 0);
  }
  // 32-bit operations clear the upper half of the register.
  void operate(int operation, std::uint8_t to, std::uint32_t value) {
    emit(BPF_ALU | operation | BPF_K, to, 0, 0, value);
  }
  void operate(int operation, std::uint8_t to, std::uint8_t from) {
    emit(BPF_ALU | operation | BPF_X, to, from, 0, 0);
  }

  void emit(int code, std::uint8_t to, std::uint8_t from, std::int16_t offset,
            std::uint32_t value) {
    bpf_insn instruction = {};
    instruction.code = static_cast<std::uint8_t>(code);
    instruction.dst_reg = to & 0xfU;
    instruction.src_reg = from & 0xfU;
    instruction.off = offset;
    instruction.imm = static_cast<std::int32_t>(value);
    code_.push_back(instruction);
  }

  std::vector<bpf_insn> code_;
};

constexpr const char* kProperty = "linux.resources.devices";

// The program behind the last line that the verifier wrote, which says why it refused.
sys::OwnFd load(const std::vector<bpf_insn>& program) {
  sys::Result<sys::OwnFd> loaded = sys::load_device_program(program);
  if (loaded) return std::move(*loaded);
  std::string log;
  const int failed = loaded.error();
  if (failed != EPERM) sys::load_device_program(program, &log).ignore("only for its log");
  while (!log.empty() && log.back() == '\n') log.pop_back();
  if (log.size() > 300) log.erase(0, log.size() - 300);
  std::replace(log.begin(), log.end(), '\n', ';');
  throw Error(concat(kProperty, ": load the device program of ", program.size(), " instructions",
                     log.empty() ? "" : " (the kernel's verifier: ", log, log.empty() ? "" : ")"),
              failed);
}

// Descriptors of the programs attached to the cgroup. Programs that a security module hides are
// left alone: they can only forbid more.
std::vector<sys::OwnFd> attached_programs(int directory) {
  std::vector<sys::OwnFd> programs;
  const auto ids = sys::attached_device_programs(directory).or_throw(
      kProperty, ": look up the device programs of the cgroup");
  for (const std::uint32_t id : ids) {
    sys::Result<sys::OwnFd> program = sys::open_bpf_program(id);
    if (program)
      programs.push_back(std::move(*program));
    else if (program.error() != EPERM && program.error() != EACCES && program.error() != ENOENT)
      throw Error(concat(kProperty, ": open the attached device program ", id), program.error());
  }
  return programs;
}

void attach(const DeviceFilter& filter, int directory, bool existing) {
  std::vector<sys::OwnFd> old;
  if (existing) old = attached_programs(directory);
  if (!filter.allows_all()) {
    const sys::OwnFd program = load(compile_device_filter(filter));
    const int replaced = old.size() == 1 ? old[0].get() : -1;
    sys::attach_device_program(directory, program.get(), replaced)
        .or_throw(kProperty, ": attach the device program to the cgroup");
    if (replaced >= 0) return;
  }
  // All programs of a cgroup must allow an access, so the new one already holds while the old ones
  // go.
  for (const sys::OwnFd& program : old)
    sys::detach_device_program(directory, program.get())
        .or_throw(kProperty, ": detach the previous device program from the cgroup");
}

}  // namespace

DeviceFilter plan_device_filter(const std::vector<DeviceRule>& rules) {
  DeviceFilter filter;
  for (const Rule& rule : kDefaultRules) add_rule(filter, rule);
  for (std::size_t i = rules.size(); i-- > 0;) {
    const Rule rule = with_context([&] { return concat(kProperty, "[", i, "]"); },
                                   [&] { return translate(rules[i]); });
    if (rule.type == 'a' && !rule.major && !rule.minor && rule.access == kAll) {
      // It covers everything: what was said before it does not matter any more.
      filter.default_allow = rule.allow;
      break;
    }
    add_rule(filter, rule);
  }
  drop_idle_rules(filter);
  return filter;
}

std::vector<bpf_insn> compile_device_filter(const DeviceFilter& filter) {
  Assembler program(filter.default_allow);
  for (const RuleGroup& group : group_rules(filter)) program.add(group);
  return program.finish();
}

void attach_device_filter(const DeviceFilter& filter, int directory, bool existing) {
  if (filter.allows_all() && !existing) return;
  try {
    attach(filter, directory, existing);
  } catch (const Error& error) {
    // Only the host's root can be permitted to filter devices. Nobody else needs it: without root
    // on the host no device node can be made, and of the host's only those can be opened that the
    // user could open anyway.
    if (error.error_number() != EPERM || sys::caller().is_host_root()) throw;
  }
}

}  // namespace brig::cgroup
