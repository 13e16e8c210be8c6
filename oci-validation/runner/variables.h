// ${name} in the texts of a case. A text that is nothing but one ${name} becomes the variable's
// value with its type; within a longer text it is spelt out.
#ifndef OCI_VALIDATION_RUNNER_VARIABLES_H
#define OCI_VALIDATION_RUNNER_VARIABLES_H

#include "value.h"

namespace kit {

// An object: its members are the variables.
using Variables = Value;

enum class Unknown {
  kKeep,   // left as it is: somebody else knows it
  kError,  // KitError
};

std::string substitute_text(const std::string& text, const Variables& variables, Unknown unknown);
// Also in the names of members.
Value substitute(const Value& value, const Variables& variables, Unknown unknown);

}  // namespace kit

#endif
