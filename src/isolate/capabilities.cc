#include "isolate/capabilities.h"

#include <sys/capability.h>

#include <algorithm>
#include <string_view>

#include "base/concat.h"
#include "sys/cred.h"

namespace brig::isolate {

namespace {

constexpr int kMaxCapabilities = 64;  // bits of a set; the kernel ends before

std::uint64_t bit(int capability) { return std::uint64_t{1} << static_cast<unsigned>(capability); }

// The number of "CAP_CHOWN", or -1. cap_from_name(3) alone also takes numbers, lower case and text
// after the name, which runc does not.
int capability_number(const std::string& name) {
  constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ_";
  cap_value_t number = -1;
  if (!name.starts_with("CAP_") || name.find_first_not_of(kLetters) != std::string::npos) return -1;
  return cap_from_name(name.c_str(), &number) == 0 ? number : -1;
}

std::string capability_name(int capability) {
  char* text = cap_to_name(capability);
  if (text == nullptr) return concat("capability ", capability);
  std::string name = text;
  cap_free(text);
  for (char& letter : name)
    if (letter >= 'a' && letter <= 'z') letter = static_cast<char>(letter - 'a' + 'A');
  return name;
}

// Collects names that are left out for one reason and makes one warning of them.
class LeftOut {
 public:
  explicit LeftOut(std::string_view reason) : text_(reason) {}
  void add(std::string_view name) {
    if (names_.size() == kMostNames ||
        std::find(names_.begin(), names_.end(), name) != names_.end())
      return;
    append(text_, names_.empty() ? " " : ", ", name);
    names_.emplace_back(name);
  }
  void add_bits(std::uint64_t bits) {
    for (int number = 0; number < kMaxCapabilities; ++number)
      if ((bits & bit(number)) != 0) add(capability_name(number));
  }
  void report(std::vector<std::string>& warnings) const {
    if (!names_.empty()) warnings.push_back(concat("process.capabilities: ", text_));
  }

 private:
  static constexpr std::size_t kMostNames = 100;  // more is no configuration that anybody wrote

  std::string text_;
  std::vector<std::string> names_;
};

std::uint64_t parse_set(const std::vector<std::string>& names, LeftOut& unknown) {
  std::uint64_t bits = 0;
  for (const std::string& name : names) {
    const int number = capability_number(name);
    if (number < 0 || (all_capabilities() & bit(number)) == 0)
      unknown.add(name);
    else
      bits |= bit(number);
  }
  return bits;
}

// Whether the bounding set has it. A runtime without CAP_SETPCAP cannot drop any, which is fine for
// those that are gone already.
bool can_be_raised(int capability) {
  return sys::has_bounding_capability(capability)
      .or_throw("read ", capability_name(capability), " of the bounding set");
}

// Takes what is not `allowed` out of `set`.
void restrict_set(std::uint64_t& set, std::uint64_t allowed, LeftOut& left_out) {
  left_out.add_bits(set & ~allowed);
  set &= allowed;
}

}  // namespace

std::uint64_t all_capabilities() {
  const cap_value_t count = cap_max_bits();
  return count >= kMaxCapabilities ? ~std::uint64_t{0} : bit(count) - 1;
}

std::uint64_t held_capabilities() {
  return sys::get_capabilities().or_throw("read the runtime's capabilities").permitted;
}

CapabilitySets resolve_capabilities(const Capabilities& names, std::uint64_t held,
                                    std::vector<std::string>& warnings) {
  LeftOut unknown("unknown to this kernel or to libcap, left out:");
  LeftOut not_held("not held by the runtime, left out:");
  LeftOut not_bounding("inheritable but not bounding, left out:");
  LeftOut not_permitted("effective but not permitted, left out:");
  LeftOut not_ambient("ambient but not permitted, left out:");
  CapabilitySets sets = {
      .bounding = parse_set(names.bounding, unknown),
      .effective = parse_set(names.effective, unknown),
      .inheritable = parse_set(names.inheritable, unknown),
      .permitted = parse_set(names.permitted, unknown),
      .ambient = parse_set(names.ambient, unknown),
  };
  for (std::uint64_t* set :
       {&sets.bounding, &sets.permitted, &sets.effective, &sets.inheritable, &sets.ambient})
    restrict_set(*set, held, not_held);
  // capset(2) refuses inheritable capabilities outside the bounding set and effective ones outside
  // the permitted set; prctl(2) refuses the ambient ones.
  restrict_set(sets.inheritable, sets.bounding, not_bounding);
  restrict_set(sets.effective, sets.permitted, not_permitted);
  restrict_set(sets.ambient, sets.permitted, not_ambient);
  // Not worth a warning: since CVE-2022-24769 engines empty the inheritable set and still list
  // ambient capabilities, which cannot be had without it. Buildah's users would read a warning at
  // each RUN.
  sets.ambient &= sets.inheritable;
  for (const LeftOut* reason : {&unknown, &not_held, &not_bounding, &not_permitted, &not_ambient})
    reason->report(warnings);
  return sets;
}

void add_exec_capabilities(Capabilities& capabilities, const std::vector<std::string>& names) {
  const auto add = [&names](std::vector<std::string>& set) {
    set.insert(set.end(), names.begin(), names.end());
  };
  add(capabilities.bounding);
  add(capabilities.effective);
  add(capabilities.permitted);
  if (!capabilities.inheritable.empty()) add(capabilities.ambient);
}

void drop_bounding(const CapabilitySets& sets) {
  for (int number = 0; number < kMaxCapabilities; ++number) {
    if ((sets.bounding & bit(number)) != 0) continue;
    const sys::Result<void> dropped = sys::drop_bounding_capability(number);
    if (dropped.error() == EINVAL) break;  // past the kernel's last one
    if (dropped.error() == EPERM && !can_be_raised(number)) continue;
    dropped.or_throw("drop ", capability_name(number), " from the bounding set");
  }
  sys::set_keep_capabilities(true).or_throw("keep capabilities over the change of user");
}

void apply_capabilities(const CapabilitySets& sets) {
  sys::set_capabilities(
      {.effective = sets.effective, .permitted = sets.permitted, .inheritable = sets.inheritable})
      .or_throw("set process.capabilities");
  sys::clear_ambient_capabilities().or_throw("clear the ambient capabilities");
  for (int number = 0; number < kMaxCapabilities; ++number)
    if ((sets.ambient & bit(number)) != 0)
      sys::raise_ambient_capability(number).or_throw("raise the ambient capability ",
                                                     capability_name(number));
}

std::vector<std::string> known_capabilities() {
  std::vector<std::string> names;
  for (int number = 0; number < cap_max_bits(); ++number) {
    std::string name = capability_name(number);
    if (name.starts_with("CAP_")) names.push_back(std::move(name));
  }
  return names;
}

}  // namespace brig::isolate
