#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <doctest/doctest.h>

// libseccomp 2.5 forgets some of the rules that it merges.
// NOLINTNEXTLINE(bugprone-reserved-identifier): LeakSanitizer asks for it by this name
extern "C" const char* __lsan_default_suppressions() { return "leak:libseccomp"; }
