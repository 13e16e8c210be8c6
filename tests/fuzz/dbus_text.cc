// Annotations that set systemd properties: a line with the property's name, then a GVariant text.
#include "dbus/text.h"

#include "base/concat.h"
#include "cgroup/systemd_properties.h"
#include "dbus/message.h"
#include "target.h"

namespace brig::fuzz {

void fuzz_dbus_text(std::string_view input) {
  const std::string_view name = take_line(input);
  accepts([&] {
    cgroup::annotation_properties({{concat("org.systemd.property.", name), std::string(input)}});
  });
  dbus::Value value;
  if (!accepts([&] { value = dbus::parse_text(input); })) return;
  dbus::Message message;
  accepts([&] {
    dbus::make_body(message, {value});
    require(dbus::read_body(message).at(0) == value, "a value arrives as it was written");
  });
}

}  // namespace brig::fuzz
