#include "isolate/seccomp_plain.h"

#include <algorithm>

namespace brig::isolate {

namespace {

bool is_part(int number) { return number < 0 && number > kAbsent; }

// By name: the numbers of their parts are known to libseccomp alone.
bool has_parts(std::string_view name) { return name == "socketcall" || name == "ipc"; }

// Sorts the calls of one architecture.
void sort_numbers(const std::vector<NamedCall>& calls, const CallNumbers& architecture,
                  SortedCalls& sorted) {
  const std::vector<int>& numbers = architecture.numbers;
  std::vector<std::size_t> order;
  order.reserve(calls.size());
  for (std::size_t i = 0; i < calls.size(); ++i) {
    if (is_part(numbers[i])) sorted.for_libseccomp[i] = true;
    if (!calls[i].idle) order.push_back(i);
  }
  // The calls with one number stand together, in the order of the profile.
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return numbers[a] != numbers[b] ? numbers[a] < numbers[b] : a < b;
  });

  PlainCalls& plain = sorted.plain.emplace_back(PlainCalls{architecture.audit_arch, {}});
  for (auto first = order.begin(); first != order.end();) {
    const int number = numbers[*first];
    const auto end =
        std::find_if(first, order.end(), [&](std::size_t i) { return numbers[i] != number; });
    if (std::any_of(first, end, [&](std::size_t i) {
          return calls[i].conditional || has_parts(calls[i].name);
        }))
      std::for_each(first, end, [&](std::size_t i) { sorted.for_libseccomp[i] = true; });
    else if (number >= 0)
      plain.calls.push_back({static_cast<std::uint32_t>(number), calls[*first].answer});
    first = end;
  }
}

}  // namespace

SortedCalls sort_calls(const std::vector<NamedCall>& calls,
                       const std::vector<CallNumbers>& architectures) {
  SortedCalls sorted;
  sorted.for_libseccomp.resize(calls.size());
  for (std::size_t i = 0; i < calls.size(); ++i)
    sorted.for_libseccomp[i] = calls[i].conditional || has_parts(calls[i].name);
  for (const CallNumbers& architecture : architectures) sort_numbers(calls, architecture, sorted);
  for (std::size_t i = 0; i < calls.size(); ++i)
    if (calls[i].idle) sorted.for_libseccomp[i] = false;
  return sorted;
}

}  // namespace brig::isolate
