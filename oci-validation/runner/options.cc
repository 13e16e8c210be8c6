#include "options.h"

#include <getopt.h>
#include <unistd.h>

#include <climits>
#include <cstdlib>
#include <filesystem>

#include "value.h"

namespace kit {

const char* const kHelp =
    "usage: oci-validate --runtime PROGRAM --probe FILE [OPTION...]\n"
    "       oci-validate --compare REPORT.json...     Markdown of reports, on standard output\n"
    "       oci-validate --coverage                   sentences without a case, and why\n"
    "       oci-validate --list                       the names of all cases\n"
    "  --runtime-option WORD  put before the command of the runtime; may be repeated\n"
    "  --kit FOLDER           where cases/ and coverage/ are (oci-validation)\n"
    "  --filter REGEX         only cases whose name, sentence or need (controller: x) has a match\n"
    "  --jobs N               cases at the same time (as many as processors)\n"
    "  --timeout SECONDS      for one case (20)\n"
    "  --json FILE            writes the report\n"
    "  --work FOLDER          where bundles are made (/tmp)\n"
    "  --keep                 leaves the bundles there\n"
    "Prints TAP. Status 0: nothing failed; 1: something did; 2: the kit cannot run.\n";

namespace {

constexpr option kOptions[] = {{"runtime", required_argument, nullptr, 'r'},
                               {"runtime-option", required_argument, nullptr, 'o'},
                               {"kit", required_argument, nullptr, 'd'},
                               {"probe", required_argument, nullptr, 'p'},
                               {"filter", required_argument, nullptr, 'f'},
                               {"jobs", required_argument, nullptr, 'j'},
                               {"timeout", required_argument, nullptr, 't'},
                               {"json", required_argument, nullptr, 's'},
                               {"work", required_argument, nullptr, 'w'},
                               {"keep", no_argument, nullptr, 'k'},
                               {"compare", no_argument, nullptr, 'c'},
                               {"coverage", no_argument, nullptr, 'v'},
                               {"list", no_argument, nullptr, 'l'},
                               {"help", no_argument, nullptr, 'h'},
                               {nullptr, 0, nullptr, 0}};

int positive(const char* text) {
  const int number = atoi(text);
  if (number < 1) throw KitError(std::string("no positive number: ") + text);
  return number;
}

// A name without a slash is looked for in PATH, once, so that every case runs the same file.
std::string find_program(const std::string& name) {
  namespace fs = std::filesystem;
  if (name.find('/') != std::string::npos) return fs::absolute(name);
  const char* path = getenv("PATH");
  std::string rest = path != nullptr ? path : "";
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(':'), rest.size());
    std::string candidate = rest.substr(0, end) + "/" + name;
    if (access(candidate.c_str(), X_OK) == 0) return candidate;
    rest.erase(0, end + 1);
  }
  throw KitError("there is no program " + name + " in PATH");
}

void take(Options& options, int letter) {
  using Mode = Options::Mode;
  switch (letter) {
    case 'r':
      options.runtime = find_program(optarg);
      break;
    case 'o':
      options.runtime_options.emplace_back(optarg);
      break;
    case 'd':
      options.kit = optarg;
      break;
    case 'p':
      options.probe = std::filesystem::absolute(optarg);
      break;
    case 'f':
      options.filter = optarg;
      break;
    case 'j':
      options.jobs = static_cast<std::size_t>(positive(optarg));
      break;
    case 't':
      options.timeout = positive(optarg);
      break;
    case 's':
      options.json = optarg;
      break;
    case 'w':
      options.work = std::filesystem::absolute(optarg);
      break;
    case 'k':
      options.keep = true;
      break;
    case 'c':
      options.mode = Mode::kCompare;
      break;
    case 'v':
      options.mode = Mode::kCoverage;
      break;
    case 'l':
      options.mode = Mode::kList;
      break;
    case 'h':
      options.mode = Mode::kHelp;
      break;
    default:
      throw KitError("see --help");
  }
}

}  // namespace

Options read_options(int argc, char** argv) {
  Options options;
  for (int letter; (letter = getopt_long(argc, argv, "h", kOptions, nullptr)) != -1;) {
    take(options, letter);
  }
  options.reports.assign(argv + optind, argv + argc);
  if (options.mode == Options::Mode::kValidate &&
      (options.runtime.empty() || options.probe.empty())) {
    throw KitError("--runtime and --probe are needed; see --help");
  }
  if (options.jobs == 0) options.jobs = static_cast<std::size_t>(sysconf(_SC_NPROCESSORS_ONLN));
  return options;
}

}  // namespace kit
