#include "cli/cli.h"

int main(int argc, char** argv) { return brig::cli::run(argc, argv); }
