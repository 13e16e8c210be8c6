// Compares what a case expects with what was seen. An expectation is a value, or has a tag:
//   a map           each of its members, others may be there too
//   a list          exactly these, in this order
//   !set [a, b]     exactly these, in any order
//   !has [a, b]     these among others; of a text: contains it
//   !lacks [a, b]   none of these; of a text: does not contain it
//   !not x          anything that does not match x
//   !one-of [x, y]  what matches one of them
//   !all-of [x, y]  what matches each of them
//   !matches REGEX  a text that the expression finds something in
//   !above n, !below n, !absent (no such member)
//   !at-least 1.2   a version that is not less
//   !only {a: x}    a map that has no members but these; maps in it likewise
#ifndef OCI_VALIDATION_RUNNER_MATCH_H
#define OCI_VALIDATION_RUNNER_MATCH_H

#include <string>
#include <vector>

#include "value.h"

namespace kit {

// One line a difference: "user.uid: expected 1000, seen 0". Null for what is not there.
std::vector<std::string> differences(const Value& expected, const Value* seen,
                                     const std::string& where);

}  // namespace kit

#endif
