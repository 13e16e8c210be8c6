#include "cgroup/systemd_properties.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "base/concat.h"
#include "base/number_list.h"
#include "brig/error.h"
#include "cgroup/files.h"
#include "dbus/text.h"

namespace brig::cgroup {

namespace {

constexpr std::uint64_t kInfinity = std::numeric_limits<std::uint64_t>::max();
constexpr std::string_view kAnnotation = "org.systemd.property.";

// Files with one number, "max" being infinity.
struct NumberFile {
  std::string_view file;
  std::string_view property;
};
constexpr NumberFile kNumberFiles[] = {
    {"cpu.weight", "CPUWeight"},
    {"memory.high", "MemoryHigh"},
    {"memory.low", "MemoryLow"},
    {"memory.max", "MemoryMax"},
    {"memory.min", "MemoryMin"},
    {"memory.swap.max", "MemorySwapMax"},
    {"memory.zswap.max", "MemoryZSwapMax"},
    {"pids.max", "TasksMax"},
};

// The kernel takes sizes with K, M, G, T behind them.
std::optional<std::uint64_t> parse_size(std::string_view text) {
  constexpr std::string_view kUnits = "kmgt";
  if (text.empty() || text == "max") return parse_value(text);
  const char last = static_cast<char>(text.back() | 0x20);
  const std::size_t unit = kUnits.find(last);
  if (unit == std::string_view::npos) return parse_value(text);
  const std::optional<std::uint64_t> number = parse_value(text.substr(0, text.size() - 1));
  const unsigned shift = 10U * (static_cast<unsigned>(unit) + 1U);
  if (!number || *number > (kInfinity >> shift)) return std::nullopt;
  return *number << shift;
}

class Translator {
 public:
  explicit Translator(std::uint64_t period) : period_(period) {}

  void translate(const FileWrite& write) {
    for (const NumberFile& known : kNumberFiles)
      if (write.file == known.file) number(known.property, write.value);
    if (write.file == "cpu.idle" && write.value == "1") set("CPUWeight", dbus::uint64(0));
    if (write.file == "cpu.max") cpu_max(write.value);
    if (write.file == "cpuset.cpus") list("AllowedCPUs", write.value);
    if (write.file == "cpuset.mems") list("AllowedMemoryNodes", write.value);
    if (write.file == "io.weight") io_weight(write.value);
    if (write.file == "io.max") io_max(write.value);
  }
  [[nodiscard]] UnitProperties take() { return std::move(properties_); }

 private:
  // A later value takes the place of an earlier one, as in the file.
  void set(std::string_view name, dbus::Value value) {
    for (UnitProperty& property : properties_) {
      if (property.name != name) continue;
      // An idle cgroup has no weight, whatever else is asked for.
      if (name == "CPUWeight" && property.value.number == 0) return;
      property.value = std::move(value);
      return;
    }
    properties_.push_back({std::string(name), std::move(value), {}});
  }
  // Adds one device's line to a property that is a list of them.
  void add_device(std::string_view name, std::string_view device, std::uint64_t value) {
    dbus::Value line =
        dbus::structure({dbus::string(concat("/dev/block/", device)), dbus::uint64(value)});
    for (UnitProperty& property : properties_) {
      if (property.name != name) continue;
      property.value.items.push_back(std::move(line));
      return;
    }
    set(name, dbus::array("(st)", {std::move(line)}));
  }
  void number(std::string_view property, std::string_view text) {
    const std::optional<std::uint64_t> value = parse_size(text);
    if (!value) return;
    // systemd refuses 0 there, which allows what 1 allows.
    set(property,
        dbus::uint64(property == "TasksMax" ? std::max<std::uint64_t>(*value, 1) : *value));
  }
  void list(std::string_view property, std::string_view text) {
    while (!text.empty() && text.back() == '\n') text.remove_suffix(1);
    if (const std::optional<std::string> bits = list_to_bits(text))
      set(property, dbus::bytes(*bits));
  }

  // systemd counts the CPU time of a second, in whole percents when it reads its own files again:
  // rounded up, so that a cgroup below never gets less than it may set.
  void cpu_max(std::string_view line) {
    const std::optional<std::uint64_t> quota = parse_value(next_word(line));
    const std::optional<std::uint64_t> period = parse_value(next_word(line));
    if (!quota) return;
    std::uint64_t a_second = kInfinity;
    const std::uint64_t divisor = period.value_or(period_);
    if (*quota != kInfinity && (divisor == 0 || *quota > kInfinity / 1'000'000)) return;
    if (*quota != kInfinity) a_second = (*quota * 1'000'000 / divisor + 9'999) / 10'000 * 10'000;
    set("CPUQuotaPerSecUSec", dbus::uint64(a_second));
    if (period) set("CPUQuotaPeriodUSec", dbus::uint64(*period));
  }

  // "100", "default 100" or "8:0 100".
  void io_weight(std::string_view line) {
    const std::string_view first = next_word(line);
    const std::string_view second = next_word(line);
    const std::optional<std::uint64_t> weight = parse_value(second.empty() ? first : second);
    if (!weight) return;
    if (second.empty() || first == "default")
      set("IOWeight", dbus::uint64(*weight));
    else
      add_device("IODeviceWeight", first, *weight);
  }

  // "8:0 rbps=1048576 wiops=max"
  void io_max(std::string_view line) {
    struct Key {
      std::string_view key;
      std::string_view property;
    };
    constexpr Key kKeys[] = {{"rbps=", "IOReadBandwidthMax"},
                             {"wbps=", "IOWriteBandwidthMax"},
                             {"riops=", "IOReadIOPSMax"},
                             {"wiops=", "IOWriteIOPSMax"}};
    const std::string_view device = next_word(line);
    for (std::string_view word = next_word(line); !word.empty(); word = next_word(line))
      for (const Key& known : kKeys)
        if (word.starts_with(known.key))
          if (const auto value = parse_value(word.substr(known.key.size())))
            add_device(known.property, device, *value);
  }

  std::uint64_t period_;
  UnitProperties properties_;
};

// Seconds, as any number, to microseconds.
dbus::Value microseconds(const dbus::Value& seconds) {
  constexpr double kMost = 18e12;  // what fits into 64 bits of microseconds
  const char type = seconds.type[0];
  double number = 0;
  if (type == 'd')
    number = std::bit_cast<double>(seconds.number);
  else if (type == 'n' || type == 'i' || type == 'x')
    number = static_cast<double>(static_cast<std::int64_t>(seconds.number));
  else if (type == 'y' || type == 'q' || type == 'u' || type == 't')
    number = static_cast<double>(seconds.number);
  else
    throw Error("a number of seconds is wanted");
  if (!(number >= 0 && number < kMost)) throw Error("the number of seconds is out of range");
  // A whole number of seconds stays exact.
  if (type != 'd') return dbus::uint64(seconds.number * 1'000'000);
  return dbus::uint64(static_cast<std::uint64_t>(std::llround(number * 1e6)));
}

bool is_letter(char letter) {
  return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z');
}

UnitProperty annotation_property(std::string_view name, std::string_view text) {
  if (name.size() < 3) throw Error("the property's name is too short");
  if (!std::all_of(name.begin(), name.end(), is_letter))
    throw Error("the property's name must be letters only");
  UnitProperty property = {std::string(name), dbus::parse_text(text), {}};
  constexpr std::string_view kSeconds = "Sec";
  if (name.size() > kSeconds.size() && name.ends_with(kSeconds)) {
    const char before = name[name.size() - kSeconds.size() - 1];
    if (before >= 'a' && before <= 'z') {
      property.name = concat(name.substr(0, name.size() - kSeconds.size()), "USec");
      property.value = microseconds(property.value);
    }
  }
  return property;
}

}  // namespace

std::optional<std::string> list_to_bits(std::string_view list) {
  constexpr std::uint32_t kMost = 65535;
  const std::optional<std::vector<NumberRange>> ranges = parse_number_list(list);
  if (!ranges) return std::nullopt;
  std::uint32_t last = 0;
  for (const NumberRange& range : *ranges) last = std::max(last, range.last);
  if (last > kMost) return std::nullopt;
  std::string bits;
  for (const unsigned long word : bit_mask(*ranges))
    for (unsigned shift = 0; shift < sizeof word * 8; shift += 8)
      bits += static_cast<char>(word >> shift & 0xffU);
  if (!ranges->empty()) bits.resize(last / 8 + 1);
  return bits;
}

UnitProperties limit_properties(const Plan& plan, std::uint64_t period) {
  Translator translator(period);
  for (const FileWrite& write : plan) translator.translate(write);
  return translator.take();
}

UnitProperties annotation_properties(const std::map<std::string, std::string>& annotations) {
  UnitProperties properties;
  for (const auto& annotation : annotations) {
    const std::string& key = annotation.first;
    if (!key.starts_with(kAnnotation)) continue;
    const std::string_view name = std::string_view(key).substr(kAnnotation.size());
    properties.push_back(
        with_context([&] { return concat("annotations[\"", key, "\"]"); },
                     [&] { return annotation_property(name, annotation.second); }));
    properties.back().annotation = key;
  }
  return properties;
}

UnitProperties unit_properties(const SystemdUnit& unit, std::string_view id, UnitProperties limits,
                               const UnitProperties& annotated, std::uint32_t pid) {
  UnitProperties all = {{"Description", dbus::string(concat("brig container ", id)), {}}};
  if (unit.is_slice()) {
    all.push_back({"Wants", dbus::array("s", {dbus::string(unit.slice)}), {}});
  } else {
    all.push_back({"Slice", dbus::string(unit.slice), {}});
    all.push_back({"Delegate", dbus::boolean(true), {}});
    all.push_back({"PIDs", dbus::array("u", {dbus::uint32(pid)}), {}});
  }
  for (const char* controller : {"CPU", "Memory", "IO", "Tasks"})
    all.push_back({concat(controller, "Accounting"), dbus::boolean(true), {}});
  all.push_back({"DefaultDependencies", dbus::boolean(false), {}});
  // A unit that has failed (a process was killed for memory) goes like one that has not.
  all.push_back({"CollectMode", dbus::string("inactive-or-failed"), {}});
  for (UnitProperty& limit : limits) all.push_back(std::move(limit));
  for (const UnitProperty& property : annotated) {
    std::erase_if(all, [&](const UnitProperty& other) { return other.name == property.name; });
    all.push_back(property);
  }
  return all;
}

}  // namespace brig::cgroup
