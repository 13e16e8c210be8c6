// One container's life: random operations, then its removal. It knows what each command must answer
// as long as nobody else has a hand in it; else the command must be sane all the same.
#pragma once

#include <string>
#include <vector>

#include "../faults/process.h"
#include "choice.h"
#include "tally.h"

namespace soak {

using faults::Words;

// What differs between containers, besides their program.
struct Shape {
  const char* name;  // of its configuration, NAME.json in the folder
  unsigned weight;
  bool own_pids = true;    // a process id namespace: it dies with its first process
  bool has_cgroup = true;  // else the user who runs it may make none
  bool has_terminal = false;
  bool can_be_made = true;  // else create must refuse it
};

// What all workers are told.
struct World {
  std::string runtime;
  std::string root;
  std::string folder;
  std::string cgroup;  // the parent of all containers' cgroups, a path of the host
  std::uint64_t seed = 1;
  unsigned workers = 4;
  std::vector<const Shape*> shapes;  // each as often as it is to be chosen
};

const std::vector<Shape>& all_shapes();

struct Worker {
  const World& world;
  Tally& tally;
  unsigned index = 0;
  bool early = false;  // in the first quarter of the soak, or
  bool late = false;   // in the last
  [[nodiscard]] WorkerTally& own() const { return tally.workers[index]; }
};

enum class Expect { kWorks, kRefused, kEither };

class Lifecycle {
 public:
  Lifecycle(const Worker& worker, unsigned number);
  Lifecycle(const Lifecycle&) = delete;
  Lifecycle& operator=(const Lifecycle&) = delete;
  ~Lifecycle();

  // False when something was wrong, which it has printed.
  bool run();
  // What was done, for people.
  [[nodiscard]] std::string history() const { return shape_->name + history_; }

 private:
  enum class Status { kNone, kCreated, kRunning, kStopped };
  // A command that is not waited for at once.
  struct Background {
    pid_t pid = 0;
    Words words;
    faults::Output out;
    faults::Output err;
    bool killed = false;
  };
  // A program of a container, or of exec.
  struct Program {
    const char* text;  // for sh -c
    int status;        // with which it ends; -1: it does not
  };
  struct Operation {
    unsigned weight;
    void (Lifecycle::*run)();
  };
  static const Program kPrograms[];
  static const std::vector<Operation>& operations();

  // Operations; what each does to the container is beside it in the model below.
  void make();
  void go_on();
  void start();
  void exec();
  void exec_ignoring_pause();
  void pause();
  void resume();
  void update();
  void ask();
  void list();
  void kill();
  void kill_directly();
  void remove_gently();
  void misuse();
  void disturb();
  void share();

  void run_in_background();
  void run_in_foreground();
  void remove_at_last();
  void end_background();
  [[nodiscard]] bool makes_in_background() const;

  // Runs a command of the runtime; `program`: the status of the program that it runs, -1: none.
  // True when it worked.
  bool call(const Words& words, Expect expect, int program = -1);
  void call_in_background(const Words& words);
  bool kill_at_random(pid_t pid, const std::string& command);
  void judge(const Words& words, const faults::Finished& done, Expect expect, int program);
  void judge_background(const Background& one, const faults::Finished& done);
  [[nodiscard]] Words command(const Words& words) const;
  Words make_words(const char* name, bool detached);
  std::string write_config();
  void fail(const std::string& why);

  // ---- The model --------------------------------------------------------------------------------
  [[nodiscard]] bool lives() const {
    return status_ == Status::kCreated || status_ == Status::kRunning;
  }
  [[nodiscard]] Expect works_if(bool condition) const {
    if (!certain_) return Expect::kEither;
    return condition ? Expect::kWorks : Expect::kRefused;
  }
  [[nodiscard]] const char* shown_status() const;
  void program_runs();
  void init_ended(int status);

  const Worker& worker_;
  const World& world_;
  const unsigned number_;
  Choice choice_;
  const Shape* shape_ = nullptr;
  const Program* program_ = nullptr;
  std::string id_;
  Status status_ = Status::kNone;
  bool frozen_ = false;
  bool certain_ = true;    // nobody else has changed the container, and no command was killed
  bool open_ = false;      // others may
  bool is_stuck_ = false;  // commands may not end before the container does
  bool failed_ = false;
  pid_t init_ = 0;
  int listener_ = -1;
  std::vector<Background*> background_;
  std::string history_;
  std::vector<std::string> files_;
};

// The ids on which any worker does anything; whatever is left of them is removed between rounds.
inline constexpr unsigned kSharedIds = 3;
std::string shared_id(unsigned index);

}  // namespace soak
