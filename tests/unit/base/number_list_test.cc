#include "base/number_list.h"

#include <doctest/doctest.h>

#include <string>

using namespace brig;

TEST_CASE("a list of numbers as a set of bits") {
  const auto mask = [](std::string_view text) { return bit_mask(*parse_number_list(text)); };
  CHECK(mask("").empty());
  CHECK(mask("0") == std::vector<unsigned long>{1});
  CHECK(mask("0-3, 7,,1") == std::vector<unsigned long>{0x8f});
  CHECK(mask("64") == std::vector<unsigned long>{0, 1});
  CHECK(mask("9,5-9,0-2,63") == std::vector<unsigned long>{0x80000000000003e7});
  CHECK_FALSE(parse_number_list("3-1"));
  CHECK_FALSE(parse_number_list("1048576"));
  CHECK_FALSE(parse_number_list("-1"));
  CHECK_FALSE(parse_number_list("1-"));
}

TEST_CASE("a list that repeats itself takes no more time than its length") {
  std::string text;
  for (int i = 0; i < 20000; ++i) text += "0-1048575,";
  CHECK(bit_mask(*parse_number_list(text)).size() == 1048576 / 64);
}
