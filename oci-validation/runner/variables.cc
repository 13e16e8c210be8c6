#include "variables.h"

namespace kit {

std::string substitute_text(const std::string& text, const Variables& variables, Unknown unknown) {
  std::string out = text;
  std::size_t at = 0;
  for (;;) {
    // From the innermost: ${ns.${type}}.
    const std::size_t end = out.find('}', at);
    if (end == std::string::npos) return out;
    const std::size_t start = out.rfind("${", end);
    if (start == std::string::npos) {
      at = end + 1;
      continue;
    }
    const std::string name = out.substr(start + 2, end - start - 2);
    const Value* found = variables.find(name);
    if (found != nullptr) {
      const std::string spelt = found->as_text();
      out.replace(start, end + 1 - start, spelt);
      at = start + spelt.size();
    } else if (unknown == Unknown::kKeep || name.find('}') != std::string::npos) {
      at = end + 1;
    } else {
      throw KitError("there is no variable ${" + name + "}");
    }
  }
}

Value substitute(const Value& value, const Variables& variables, Unknown unknown) {
  Value out = value;
  if (value.is_text()) {
    const std::string& text = value.text();
    if (text.starts_with("${") && text.find('}') == text.size() - 1) {
      if (const Value* found = variables.find(text.substr(2, text.size() - 3))) {
        out = *found;
        if (!value.tag.empty()) out.tag = value.tag;
        return out;
      }
    }
    out.data = substitute_text(text, variables, unknown);
  } else if (value.is_array()) {
    for (Value& item : out.items()) item = substitute(item, variables, unknown);
  } else if (value.is_object()) {
    for (Member& member : out.members()) {
      member.name = substitute_text(member.name, variables, unknown);
      member.value = substitute(member.value, variables, unknown);
    }
  }
  return out;
}

}  // namespace kit
