// The command line: what main() calls.
#pragma once

namespace brig::cli {

// Runs the whole program and returns its exit status. The only place, with the child's top level,
// that catches.
int run(int argc, char** argv);

}  // namespace brig::cli
