// One case, from its bundle to its verdict. Runs in the case's own process (sandbox.h), as root.
// session.cc prepares and judges, steps.cc has the runtime's operations, observe.cc what is looked
// at.
#ifndef OCI_VALIDATION_RUNNER_SESSION_H
#define OCI_VALIDATION_RUNNER_SESSION_H

#include <map>
#include <string>

#include "cases.h"
#include "failure.h"
#include "machine.h"
#include "process.h"
#include "runtime.h"
#include "value.h"
#include "variables.h"

namespace kit {

// The same for all cases.
struct Setup {
  Runtime runtime;
  Machine machine;
  std::string probe;   // on the host
  std::string work;    // the folder that has a folder per case
  std::string cgroup;  // the folder of the cgroup that has a cgroup per case
  Value base_config;   // cases/base.yaml
  std::chrono::milliseconds limit{};
};

// What clean-up needs to know of case number `number`.
std::string case_folder(const Setup& setup, std::size_t number);
std::string case_cgroup(const Setup& setup, std::size_t number);

// A container of the case: most have one.
struct Container {
  std::string id;
  pid_t pid = 0;
  Descriptor output;   // of its process: a pipe or the master of its terminal
  std::string buffer;  // what was read and not yet used
  Value facts;         // the first line, once it was read
};

class Session {
 public:
  Session(const Case& tested, const Setup& setup, std::size_t number);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // {result: ok|fail|skip, lines: [what differs or why it was skipped]}; with a result `kit` the
  // kit itself, or the case, is at fault.
  Value run();

 private:
  using StepFunction = void (Session::*)(const Value&);
  static const std::map<std::string, StepFunction>& step_functions();

  // session.cc
  void prepare();
  void set_variables();
  void become_what_the_case_says();
  void hold_namespaces(const Value& kinds);
  void put_over(const Value& files) const;
  void make_network(const Value& devices);
  [[nodiscard]] Value make_config(const Value& patch) const;
  [[nodiscard]] Value probe_arguments() const;
  void write_config(const Value& config) const;
  void run_steps();
  void run_step(const Value& step);
  void run_control();
  [[nodiscard]] const Value* part(const char* name) const { return body_.find(name); }
  [[nodiscard]] Value::Array list_of_steps() const;
  [[nodiscard]] Clock::time_point deadline() const;

  // steps.cc
  void step_create(const Value& what);
  void step_run(const Value& what);
  void step_start(const Value& what);
  void step_state(const Value& what);
  void step_kill(const Value& what);
  void step_exec(const Value& what);
  void step_delete(const Value& what);
  void step_pause(const Value& what);
  void step_resume(const Value& what);
  void step_update(const Value& what);
  void step_features(const Value& what);
  void step_call(const Value& what);
  Finished call(const std::vector<std::string>& words, const Value& what);
  void check(const Finished& finished, const Value& what, const std::string& name) const;
  void check_refused(const Value& what, const std::string& id);
  Container& container_of(const Value& what);
  std::string listen_for_terminal();
  Descriptor take_terminal();

  // observe.cc
  void step_see(const Value& what);
  void step_line(const Value& what);
  void step_outside(const Value& what);
  void step_cgroup(const Value& what);
  void step_wait(const Value& what);
  void step_log(const Value& what);
  void step_left(const Value& what);
  void step_config(const Value& what);
  void step_files(const Value& what);
  void step_unmount(const Value& what);
  void step_agent(const Value& what);
  void compare(const Value& expected, const Value& seen, const std::string& where) const;
  [[nodiscard]] std::string unexpected_processes(Clock::time_point until) const;

  const Case& case_;
  const Setup& setup_;
  Value body_;
  Variables variables_;
  std::string folder_, bundle_, id_, cgroup_path_, mounts_before_;
  Value config_;
  Clock::time_point end_;
  std::map<std::string, Container> containers_;
  pid_t holder_ = 0;
  Descriptor listener_;
  Descriptor agent_;
};

// The probe's words for what an expectation wants to know: {user: ..., read: {/x: ...}} makes
// "user", "read=/x".
std::vector<std::string> probe_words(const Value& see);

}  // namespace kit

#endif
