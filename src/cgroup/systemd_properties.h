// The properties of a container's systemd unit: those that every container has, its limits, and
// what annotations ask for. Pure.
//
// Limits are also written to the cgroup's files; systemd must know them so that it does not set
// something else when it applies its own settings again (systemctl daemon-reload).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cgroup/resources.h"
#include "cgroup/systemd_unit.h"
#include "dbus/value.h"

namespace brig::cgroup {

struct UnitProperty {
  std::string name;
  dbus::Value value;
  std::string annotation;  // the one that asks for it; empty: brig does
  bool operator==(const UnitProperty&) const = default;
};
using UnitProperties = std::vector<UnitProperty>;

// The properties that say the same as the writes of `plan`; writes to files that no property stands
// for, and values that none can take, have none. `period`: that of cpu.max (microseconds) where the
// plan leaves it as it is.
UnitProperties limit_properties(const Plan& plan, std::uint64_t period = 100000);

// Those of the annotations org.systemd.property.NAME, whose text is a GVariant text. NAME...Sec is
// NAME...USec in seconds. Throws Error naming the annotation.
UnitProperties annotation_properties(const std::map<std::string, std::string>& annotations);

// All properties of a new unit; `annotated` ones take the place of others of the same name. `pid`
// goes into a scope.
UnitProperties unit_properties(const SystemdUnit& unit, std::string_view id, UnitProperties limits,
                               const UnitProperties& annotated, std::uint32_t pid);

// "0-2,5" as bits, the lowest of the first byte being 0; none when it is no such list.
std::optional<std::string> list_to_bits(std::string_view list);

}  // namespace brig::cgroup
