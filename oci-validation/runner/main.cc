// oci-validate: runs the cases of oci-validation/ against an OCI runtime. README.md says how.
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <regex>

#include "files.h"
#include "machine.h"
#include "options.h"
#include "report.h"
#include "sandbox.h"
#include "session.h"

namespace kit {
namespace {

namespace fs = std::filesystem;

// The folder for all bundles: removed at the end, whatever happens before.
class WorkFolder {
 public:
  WorkFolder(const std::string& parent, bool keep) : keep_(keep) {
    path_ = parent + "/oci-validation.XXXXXX";
    if (mkdtemp(path_.data()) == nullptr) throw KitError("cannot make a folder in " + parent);
    chmod(path_.c_str(), 0755);
  }
  ~WorkFolder() {
    if (keep_) {
      std::printf("# bundles are in %s\n", path_.c_str());
    } else {
      remove_folder(path_);
    }
  }
  WorkFolder(const WorkFolder&) = delete;
  WorkFolder& operator=(const WorkFolder&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
  bool keep_;
};

// Its processes are gone or dying; cgroup.kill is for those that a runtime hid from the sandbox.
void remove_cgroup(const std::string& top) {
  if (!fs::exists(top)) return;
  std::error_code ignored;
  const int kill = open((top + "/cgroup.kill").c_str(), O_WRONLY | O_CLOEXEC);
  if (kill >= 0) {
    static_cast<void>(!write(kill, "1", 1));
    close(kill);
  }
  std::vector<std::string> folders = {top};
  for (const auto& entry : fs::recursive_directory_iterator(top, ignored)) {
    if (entry.is_directory()) folders.push_back(entry.path());
  }
  for (std::size_t i = folders.size(); i-- > 0;) rmdir(folders[i].c_str());
}

void clean_case(const Setup& setup, std::size_t number, bool keep) {
  const std::string folder = case_folder(setup, number);
  if (!keep) remove_folder(folder);
  remove_folder(setup.runtime.root + "/ov" + std::to_string(number));
  remove_cgroup(case_cgroup(setup, number));
}

// Whether a word of what `--filter` looks at has a match: the name, the sentences, and each need as
// "controller: memory".
bool is_wanted(const Case& tested, const std::regex& wanted) {
  std::vector<std::string> words = {tested.name};
  for (const Sentence* sentence : tested.sentences) words.push_back(sentence->key);
  if (const Value* needs = tested.body.find("needs")) {
    for (const Member& need : needs->members()) {
      words.push_back(need.name + ": " + to_json(need.value));
    }
  }
  return std::any_of(words.begin(), words.end(),
                     [&](const std::string& word) { return std::regex_search(word, wanted); });
}

std::vector<Case> choose(std::vector<Case> cases, const std::string& filter) {
  if (filter.empty()) return cases;
  const std::regex wanted(filter, std::regex::icase);
  std::erase_if(cases, [&](const Case& each) { return !is_wanted(each, wanted); });
  return cases;
}

Value skipped(const std::string& reason) {
  Value verdict;
  verdict["result"] = Value::make_text("skip");
  verdict["lines"] = Value::make_array();
  verdict["lines"].items().push_back(Value::make_text(reason));
  return verdict;
}

Setup make_setup(const Options& options, const std::string& work, const std::string& cgroup) {
  Setup setup{.work = work, .cgroup = cgroup};
  if (geteuid() == 0) make_cgroup_for_cases(setup.cgroup);
  setup.machine = look_at_machine(setup.cgroup);
  setup.limit = std::chrono::seconds(options.timeout);
  setup.base_config = load_yaml(options.kit + "/cases/base.yaml");
  setup.probe = work + "/probe";
  fs::copy_file(options.probe, setup.probe);
  fs::create_directory(work + "/root");
  setup.runtime = find_runtime(options.runtime, options.runtime_options, work + "/root");
  return setup;
}

// The cgroup for all cases goes, whatever happens before.
class CgroupRemover {
 public:
  explicit CgroupRemover(std::string cgroup) : cgroup_(std::move(cgroup)) {}
  ~CgroupRemover() { remove_cgroup(cgroup_); }
  CgroupRemover(const CgroupRemover&) = delete;
  CgroupRemover& operator=(const CgroupRemover&) = delete;

 private:
  std::string cgroup_;
};

int validate(const Options& options) {
  const Clock::time_point started = Clock::now();
  if (geteuid() == 0) enter_own_mounts();
  const WorkFolder work(options.work, options.keep);
  const std::string cgroup =
      std::string(kCgroupMount) + "/" + fs::path(work.path()).filename().string();
  const CgroupRemover cgroup_remover(cgroup);
  const Setup setup = make_setup(options, work.path(), cgroup);
  const std::vector<Sentence> sentences = load_sentences(options.kit + "/coverage");
  const std::vector<Case> cases =
      choose(load_cases(options.kit + "/cases", sentences, setup.runtime.features), options.filter);
  Report report(setup.runtime, setup.machine);
  report.begin(cases.size());
  Schedule schedule{.count = cases.size(), .jobs = options.jobs, .limit = setup.limit};
  schedule.work = [&](std::size_t number) {
    if (!cases[number].skip.empty()) return skipped(cases[number].skip);
    if (setup.machine.cgroup == "v2") enter_own_cgroup(case_cgroup(setup, number));
    return Session(cases[number], setup, number).run();
  };
  schedule.clean = [&](std::size_t number) { clean_case(setup, number, options.keep); };
  schedule.done = [&](std::size_t number, const Value& verdict, double seconds) {
    report.add(cases[number], verdict, seconds);
  };
  if (setup.machine.root) {
    run_schedule(schedule);
  } else {
    for (const Case& each : cases) report.add(each, skipped("needs root"), 0);
  }
  report.finish(std::chrono::duration<double>(Clock::now() - started).count());
  if (!options.json.empty()) write_text(options.json, to_json(report.json(), true) + "\n");
  return report.all_passed() ? 0 : 1;
}

int compare(const Options& options) {
  std::vector<Value> reports;
  for (const std::string& path : options.reports) reports.push_back(parse_json(read_file(path)));
  std::vector<std::string> faults;
  std::cout << make_markdown(reports, options.kit, &faults);
  for (const std::string& fault : faults) std::cerr << "oci-validate: " << fault << '\n';
  return faults.empty() ? 0 : 1;
}

int list(const Options& options) {
  const std::vector<Sentence> sentences = load_sentences(options.kit + "/coverage");
  for (const Case& each :
       choose(load_cases(options.kit + "/cases", sentences, {}), options.filter)) {
    std::cout << each.name << " (" << each.level() << " " << each.sentences.front()->key << ")\n";
  }
  return 0;
}

int coverage(const Options& options) {
  bool complete = false;
  std::cout << make_coverage(options.kit, &complete);
  return complete ? 0 : 1;
}

int run(const Options& options) {
  switch (options.mode) {
    case Options::Mode::kValidate:
      return validate(options);
    case Options::Mode::kCompare:
      return compare(options);
    case Options::Mode::kCoverage:
      return coverage(options);
    case Options::Mode::kList:
      return list(options);
    case Options::Mode::kHelp:
      std::cout << kHelp;
      return 0;
  }
  return 2;
}

}  // namespace
}  // namespace kit

int main(int argc, char** argv) {
  try {
    signal(SIGPIPE, SIG_IGN);
    return kit::run(kit::read_options(argc, argv));
  } catch (const std::exception& error) {
    std::cerr << "oci-validate: " << error.what() << '\n';
    return 2;
  }
}
