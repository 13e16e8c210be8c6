#include "cgroup/devices_bpf.h"

#include <doctest/doctest.h>

#include <cstring>
#include <string>

#include "brig/error.h"

using namespace brig;
using cgroup::compile_device_filter;
using cgroup::DeviceFilter;
using cgroup::plan_device_filter;

namespace {

constexpr std::uint32_t kM = BPF_DEVCG_ACC_MKNOD;
constexpr std::uint32_t kR = BPF_DEVCG_ACC_READ;
constexpr std::uint32_t kW = BPF_DEVCG_ACC_WRITE;

// Not a doctest assertion: the interpreter would make millions of them.
void expect(bool holds) {
  if (!holds) FAIL("the kernel would refuse the program");
}

std::uint64_t alu(int operation, std::uint64_t left, std::uint64_t right, unsigned bits) {
  switch (operation) {
    case BPF_MOV:
      return right;
    case BPF_AND:
      return left & right;
    case BPF_OR:
      return left | right;
    case BPF_XOR:
      return left ^ right;
    case BPF_SUB:
      return left - right;
    case BPF_MUL:
      return left * right;
    case BPF_RSH:
      expect(right < bits);
      return left >> right;
    default:
      FAIL("operation ", operation);
      return 0;
  }
}

// Runs a program as the kernel would; registers that were never written may not be read.
class Machine {
 public:
  explicit Machine(const bpf_cgroup_dev_ctx& context) : context_(context) {
    written_[BPF_REG_1] = true;
  }

  bool run(const std::vector<bpf_insn>& program) {
    for (const bpf_insn& code : program) {
      if (code.code == (BPF_JMP | BPF_EXIT)) {
        expect(read(BPF_REG_0) <= 1);
        return read(BPF_REG_0) == 1;
      }
      if (BPF_CLASS(code.code) == BPF_LDX)
        load(code);
      else
        calculate(code);
    }
    FAIL("the program does not end");
    return false;
  }

 private:
  std::uint64_t read(unsigned reg) {
    expect(written_[reg]);
    return registers_[reg];
  }
  void write(unsigned reg, std::uint64_t value) {
    registers_[reg] = value;
    written_[reg] = true;
  }

  void load(const bpf_insn& code) {
    expect(code.code == (BPF_LDX | BPF_MEM | BPF_W));
    expect(code.src_reg == BPF_REG_1);
    std::uint32_t value = 0;
    std::memcpy(&value, reinterpret_cast<const char*>(&context_) + code.off, sizeof value);
    write(code.dst_reg, value);
  }

  void calculate(const bpf_insn& code) {
    const bool wide = BPF_CLASS(code.code) == BPF_ALU64;
    expect(wide || BPF_CLASS(code.code) == BPF_ALU);
    const std::uint64_t limit = wide ? UINT64_MAX : UINT32_MAX;
    const std::uint64_t left = BPF_OP(code.code) == BPF_MOV ? 0 : read(code.dst_reg);
    const std::uint64_t right = BPF_SRC(code.code) == BPF_X
                                    ? read(code.src_reg)
                                    : static_cast<std::uint64_t>(std::int64_t{code.imm});
    const std::uint64_t result =
        alu(BPF_OP(code.code), left & limit, right & limit, wide ? 64 : 32);
    write(code.dst_reg, result & limit);
  }

  const bpf_cgroup_dev_ctx& context_;
  std::uint64_t registers_[10] = {};
  bool written_[10] = {};
};

bool answer(const std::vector<bpf_insn>& program, char type, std::uint32_t major,
            std::uint32_t minor, std::uint32_t access) {
  bpf_cgroup_dev_ctx context = {};
  context.access_type = (access << 16U) | (type == 'b' ? BPF_DEVCG_DEV_BLOCK : BPF_DEVCG_DEV_CHAR);
  context.major = major;
  context.minor = minor;
  return Machine(context).run(program);
}

bool allowed(const std::vector<DeviceRule>& rules, char type, std::uint32_t major,
             std::uint32_t minor, std::uint32_t access) {
  return answer(compile_device_filter(plan_device_filter(rules)), type, major, minor, access);
}

// What the rules mean, word for word: for each kind of access the last rule about it decides.
bool meant(std::vector<DeviceRule> rules, char type, std::uint32_t major, std::uint32_t minor,
           std::uint32_t access) {
  const auto add = [&](char rule_type, std::optional<std::int64_t> rule_major,
                       std::optional<std::int64_t> rule_minor, const char* letters) {
    rules.push_back({true, rule_type, rule_major, rule_minor, letters});
  };
  add('c', {}, {}, "m");
  add('b', {}, {}, "m");
  for (const int null_like : {3, 5, 7, 8, 9}) add('c', 1, null_like, "rwm");
  for (const int tty : {0, 1, 2}) add('c', 5, tty, "rwm");
  add('c', 136, {}, "rwm");
  add('c', 10, 200, "rwm");
  const std::pair<char, std::uint32_t> kinds[] = {{'r', kR}, {'w', kW}, {'m', kM}};
  for (const auto& [letter, bit] : kinds) {
    if ((access & bit) == 0) continue;
    bool verdict = false;
    for (const DeviceRule& rule : rules) {
      const bool device = (rule.type == 'a' || rule.type == type) &&
                          (rule.major.value_or(-1) < 0 || rule.major == major) &&
                          (rule.minor.value_or(-1) < 0 || rule.minor == minor);
      const bool about = rule.access.empty() || rule.access.find(letter) != std::string::npos;
      if (device && about) verdict = rule.allow;
    }
    if (!verdict) return false;
  }
  return true;
}

const DeviceRule kDenyAll = {false, 'a', {}, {}, "rwm"};
const DeviceRule kAllowAll = {true, 'a', {}, {}, "rwm"};

const std::vector<std::vector<DeviceRule>> kLists = {
    {},
    {kDenyAll},
    {kAllowAll},
    {kDenyAll, {true, 'c', 10, 229, "rwm"}},
    {kDenyAll, {false, 'c', 10, 229, "rwm"}, {true, 'c', 10, 229, "rwm"}},
    {kDenyAll, {true, 'c', 10, 229, "rwm"}, {false, 'c', 10, 229, "w"}},
    {kDenyAll, {true, 'b', 8, {}, "r"}, {false, 'b', 8, 1, "r"}, {true, 'b', {}, 1, "w"}},
    {kDenyAll, {true, 'b', 8, 0, "r"}, {true, 'b', 8, 0, "w"}},
    {kAllowAll, {false, 'c', 1, {}, "rwm"}},
    {kAllowAll, {false, 'b', {}, {}, "w"}, {true, 'b', 8, 33, "w"}},
    {kAllowAll, {false, 'c', 10, 229, ""}, kDenyAll},
    {{true, 'a', 8, {}, "rw"}, {false, 'a', {}, 1, "r"}},
    {kDenyAll, {true, 'a', {}, {}, "r"}},
    {kDenyAll, {true, 'c', 240, 1, "rw"}, {false, 'c', 240, {}, "r"}, {true, 'c', 240, 2, "rw"}},
    {kDenyAll, {true, 'c', -1, -1, "rw"}, {false, 'c', 240, 63, "rw"}},
    {kDenyAll,
     {true, 'c', 240, 31, "rw"},
     {true, 'c', 240, 32, "rw"},
     {true, 'c', 240, 63, "rw"},
     {true, 'c', 240, 0, "rwm"}},
};

}  // namespace

TEST_CASE("the device program answers as the list of rules means") {
  struct Request {
    char type;
    std::uint32_t major;
    std::uint32_t minor;
    std::uint32_t access;
  };
  std::vector<Request> requests;
  for (const char type : {'b', 'c'})
    for (const std::uint32_t major : {0U, 1U, 5U, 8U, 10U, 136U, 240U, 0xffffffffU})
      for (const std::uint32_t minor :
           {0U, 1U, 2U, 3U, 7U, 31U, 32U, 33U, 35U, 63U, 200U, 229U, 0xffffffffU})
        for (std::uint32_t access = 0; access < 8; ++access)
          requests.push_back({type, major, minor, access});
  for (std::size_t list = 0; list < kLists.size(); ++list) {
    const auto program = compile_device_filter(plan_device_filter(kLists[list]));
    for (const auto& [type, major, minor, access] : requests)
      if (answer(program, type, major, minor, access) !=
          meant(kLists[list], type, major, minor, access))
        FAIL_CHECK("list ", list, ": ", type, ' ', major, ':', minor, " access ", access);
  }
}

TEST_CASE("every container may use the default devices and make any node") {
  for (const std::vector<DeviceRule>& rules :
       {std::vector<DeviceRule>{}, {kDenyAll}, {{false, 'c', 1, 3, "rwm"}}}) {
    CHECK(allowed(rules, 'c', 1, 3, kR | kW | kM));
    CHECK(allowed(rules, 'c', 136, 17, kR | kW));
    CHECK(allowed(rules, 'c', 10, 200, kR | kW));
    CHECK(allowed(rules, 'b', 8, 0, kM));
    CHECK_FALSE(allowed(rules, 'b', 8, 0, kM | kR));
    CHECK_FALSE(allowed(rules, 'c', 10, 229, kR));
  }
}

TEST_CASE("a filter that allows everything needs no program") {
  CHECK(plan_device_filter({kAllowAll}).allows_all());
  CHECK(plan_device_filter({kDenyAll, kAllowAll}).allows_all());
  CHECK(plan_device_filter({kAllowAll, {true, 'c', 10, 229, "rwm"}}).allows_all());
  CHECK(plan_device_filter({{false, 'c', 10, 229, "rwm"}, kAllowAll}).allows_all());
  CHECK_FALSE(plan_device_filter({}).allows_all());
  CHECK_FALSE(plan_device_filter({kAllowAll, kDenyAll}).allows_all());
  CHECK_FALSE(plan_device_filter({{true, 'a', {}, {}, "rw"}}).allows_all());
}

TEST_CASE("rules that decide nothing are left out") {
  const std::size_t defaults = plan_device_filter({kDenyAll}).rules.size();
  // Docker's list: what it allows is allowed anyway, what it denies is denied anyway.
  const DeviceFilter docker = plan_device_filter({kDenyAll,
                                                  {true, 'c', 1, 5, "rwm"},
                                                  {true, 'c', 1, 3, "rwm"},
                                                  {true, 'c', 5, 1, "rwm"},
                                                  {false, 'c', 10, 229, "rwm"}});
  CHECK(docker.rules.size() == defaults);
  CHECK(compile_device_filter(docker).size() <= 70);
  const DeviceFilter fuse =
      plan_device_filter({kDenyAll, {false, 'c', 10, 229, "rwm"}, {true, 'c', 10, 229, "rwm"}});
  CHECK(fuse.rules.size() == defaults + 1);
}

TEST_CASE("rules that do not exist are refused with their place") {
  const auto message = [](const DeviceRule& rule) -> std::string {
    try {
      (void)plan_device_filter({kDenyAll, rule});
    } catch (const Error& error) {
      return error.what();
    }
    return {};
  };
  CHECK(message({true, 'p', 1, 1, "r"}).starts_with("linux.resources.devices[1]: type:"));
  CHECK(message({true, 'c', 1, 1, "rx"}).starts_with("linux.resources.devices[1]: access:"));
  CHECK(message({true, 'c', 1LL << 32, 1, "r"}).starts_with("linux.resources.devices[1]: major:"));
  CHECK(message({true, 'c', 1, 1LL << 32, "r"}).starts_with("linux.resources.devices[1]: minor:"));
  CHECK(message({true, 'c', 0xffffffffLL, 1, "r"}).empty());
}
