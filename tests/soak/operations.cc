// The operations, with what they do to a container in the model.
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>

#include "../faults/world.h"
#include "../helpers/listener.h"
#include "lifecycle.h"

namespace soak {

namespace {

struct Signal {
  const char* name;
  bool ends;  // the program, even as process 1 of its namespace
};
constexpr Signal kSignals[] = {{"KILL", true},  {"SIGKILL", true}, {"9", true},    {"TERM", false},
                               {"HUP", false},  {"USR1", false},   {"INT", false}, {"WINCH", false},
                               {"CONT", false}, {"STOP", false}};

constexpr unsigned kTree = 1;     // in kPrograms
constexpr unsigned kErrnos = 80;  // more profiles than brig keeps filters

void replace_all(std::string& text, const std::string& mark, const std::string& value) {
  for (std::size_t at; (at = text.find(mark)) != std::string::npos;)
    text.replace(at, mark.size(), value);
}

}  // namespace

const Lifecycle::Program Lifecycle::kPrograms[] = {
    {"exec sleep 1000", -1},
    {"sleep 1000 & sleep 1000 & (sleep 1000 & exec sleep 1000) & exec sleep 1000", -1},
    {"exit 0", 0},
    {"exit 3", 3}};

const std::vector<Lifecycle::Operation>& Lifecycle::operations() {
  static const std::vector<Operation> kOperations = {{24, &Lifecycle::go_on},
                                                     {4, &Lifecycle::make},
                                                     {4, &Lifecycle::start},
                                                     {6, &Lifecycle::exec},
                                                     {2, &Lifecycle::exec_ignoring_pause},
                                                     {4, &Lifecycle::pause},
                                                     {4, &Lifecycle::resume},
                                                     {3, &Lifecycle::update},
                                                     {6, &Lifecycle::ask},
                                                     {1, &Lifecycle::list},
                                                     {5, &Lifecycle::kill},
                                                     {1, &Lifecycle::kill_directly},
                                                     {3, &Lifecycle::remove_gently},
                                                     {2, &Lifecycle::misuse},
                                                     {7, &Lifecycle::disturb},
                                                     {3, &Lifecycle::share}};
  return kOperations;
}

// The configuration of the container and the program; each time another file, since a command in
// the background may be about to read the last one.
std::string Lifecycle::write_config() {
  std::string text = faults::read_text(world_.folder + '/' + shape_->name + ".json");
  replace_all(text, "@CGROUP@", id_);
  replace_all(text, "@PROGRAM@", program_->text);
  replace_all(text, "\"@ERRNO@\"", std::to_string(choice_.below(kErrnos) + 1));
  files_.push_back(world_.folder + "/w" + std::to_string(worker_.index) + '-' +
                   std::to_string(number_) + '.' + std::to_string(files_.size()) + ".json");
  faults::write_text(files_.back(), text);
  return files_.back();
}

// create or run.
Words Lifecycle::make_words(const char* name, bool detached) {
  Words words = {name,           "--bundle",   world_.folder + '/' + shape_->name, "--config",
                 write_config(), "--pid-file", world_.folder + '/' + id_ + ".pid"};
  if (shape_->has_terminal && detached) {
    const std::string socket = world_.folder + '/' + id_ + ".sock";
    ::unlink(socket.c_str());
    if (listener_ >= 0) ::close(listener_);
    listener_ = helpers::listen_at(socket.c_str(), 8);
    words.insert(words.end(), {"--console-socket", socket});
  }
  return words;
}

// create or run; where there is a container already it must be refused.
void Lifecycle::make() {
  const unsigned way = choice_.below(6);
  if (status_ == Status::kNone) {
    program_ = &choice_.of(kPrograms);
    // Where others take part its program may end otherwise, or not before the container is removed.
    if (way == 4 && certain_) return run_in_foreground();
    if (way >= 4) return run_in_background();
  }
  const bool runs = way == 3;
  Words words = make_words(runs ? "run" : "create", true);
  if (runs) words.emplace_back("--detach");
  words.push_back(id_);
  if (!call(words, works_if(status_ == Status::kNone && shape_->can_be_made))) return;
  frozen_ = false;
  init_ = std::atoi(faults::read_text(world_.folder + '/' + id_ + ".pid").c_str());
  status_ = Status::kCreated;
  if (runs) program_runs();
}

void Lifecycle::run_in_foreground() {
  if (program_->status < 0) program_ = &kPrograms[3];
  Words words = make_words("run", false);
  words.push_back(id_);
  call(words, works_if(shape_->can_be_made), program_->status);
}

// It ends when the container does.
void Lifecycle::run_in_background() {
  Words words = make_words("run", false);
  words.push_back(id_);
  call_in_background(words);
  certain_ = false;
}

// What is to come next in a life without errors.
void Lifecycle::go_on() {
  if (status_ == Status::kNone) return make();
  if (frozen_) return resume();
  if (status_ == Status::kCreated) return start();
  if (status_ == Status::kRunning) return choice_.one_in(3) ? kill() : exec();
  if (choice_.one_in(3)) return remove_gently();
}

void Lifecycle::start() {
  if (call({"start", id_}, works_if(status_ == Status::kCreated && !frozen_))) program_runs();
}

void Lifecycle::exec() {
  const unsigned way = choice_.below(5);
  const Expect expect = works_if(lives() && !frozen_);
  if (way == 0) {
    call({"exec", "--detach", id_, "sleep", "1000"}, expect);
  } else if (way == 1) {
    call({"exec", "--detach", id_, "true"}, expect);
  } else if (way == 2) {
    call_in_background({"exec", id_, "sleep", "1000"});
  } else {
    Words words = {"exec", id_, "sh", "-c", "exit 3"};
    if (way == 3) words.insert(words.begin() + 1, "--tty");
    // Others may pause the container before the program has ended.
    if (certain_)
      call(words, expect, 3);
    else
      call_in_background(words);
  }
}

void Lifecycle::exec_ignoring_pause() {
  call_in_background({"exec", "--ignore-paused", id_, "true"});
}

void Lifecycle::pause() {
  if (call({"pause", id_}, works_if(shape_->has_cgroup && lives() && !frozen_))) frozen_ = true;
}

void Lifecycle::resume() {
  if (call({"resume", id_}, works_if(shape_->has_cgroup && status_ != Status::kNone && frozen_)))
    frozen_ = false;
}

void Lifecycle::update() {
  call({"update", "--resources", world_.folder + "/resources.json", id_},
       works_if(shape_->has_cgroup && lives()));
}

void Lifecycle::ask() {
  switch (choice_.below(4)) {
    case 0:
      call({"ps", "--format", "json", id_},
           shape_->has_cgroup ? works_if(status_ != Status::kNone) : Expect::kEither);
      return;
    case 1:
      call({"events", "--stats", id_}, works_if(shape_->has_cgroup && lives()));
      return;
    default:
      call({"state", id_}, works_if(status_ != Status::kNone));
  }
}

void Lifecycle::list() {
  call(choice_.one_in(2) ? Words{"list", "--quiet"} : Words{"list", "--format", "json"},
       Expect::kWorks);
}

void Lifecycle::kill() {
  const Signal& signal = choice_.of(kSignals);
  const bool all = choice_.one_in(3);
  // A process that is stopped before it has executed its program keeps a command that waits for
  // that.
  if (std::string(signal.name) == "STOP" && !(certain_ && status_ == Status::kRunning)) {
    certain_ = false;
    is_stuck_ = true;
  }
  // --all without a cgroup finds the first process only, and says so.
  Expect expect = works_if(lives() || (all && status_ == Status::kStopped));
  if (all && !shape_->has_cgroup) expect = Expect::kEither;
  const Words words =
      all ? Words{"kill", "--all", id_, signal.name} : Words{"kill", id_, signal.name};
  if (!call(words, expect) || !lives()) return;
  if (signal.ends)
    init_ended(128 + SIGKILL);
  else if (!shape_->own_pids || program_ == &kPrograms[kTree])
    certain_ = false;  // it may end the program, or the shell that starts it, or be ignored
}

// What an out-of-memory killer does, or an administrator.
void Lifecycle::kill_directly() {
  if (!certain_ || !lives()) return;
  ::kill(init_, SIGKILL);
  history_ += "; SIGKILL to its process";
  init_ended(128 + SIGKILL);
}

void Lifecycle::remove_gently() {
  const bool can = status_ == Status::kStopped || (status_ == Status::kCreated && !frozen_);
  if (call({"delete", id_}, works_if(can))) status_ = Status::kNone;
}

void Lifecycle::misuse() {
  const std::string nobody = "nobody-" + std::to_string(worker_.index);
  switch (choice_.below(6)) {
    case 0:
      call({"kill", id_, "SIGNOTHING"}, Expect::kRefused);
      return;
    case 1:
      call({"start", nobody}, Expect::kRefused);
      return;
    case 2:
      call({"exec", nobody, "true"}, Expect::kRefused);
      return;
    case 3:
      call({"delete", "--force", nobody}, Expect::kWorks);
      return;
    case 4:
      call({"create", "--bundle", "/nowhere", nobody}, Expect::kRefused);
      return;
    default:
      call({"update", "--resources", "/nowhere", id_}, Expect::kRefused);
  }
}

// Something is done to another worker's container at the same time as that worker does something.
void Lifecycle::disturb() {
  const unsigned other = choice_.below(world_.workers);
  const unsigned what = choice_.below(12);
  const unsigned number = worker_.tally.workers[other].open_number.load();
  if (number == 0 || other == worker_.index) return;
  const std::string id = "w" + std::to_string(other) + '-' + std::to_string(number - 1);
  const Words kWays[] = {{"start", id},
                         {"exec", "--detach", id, "sleep", "1000"},
                         {"exec", "--detach", id, "true"},
                         {"pause", id},
                         {"resume", id},
                         {"kill", id, "KILL"},
                         {"kill", "--all", id, "TERM"},
                         {"state", id},
                         {"ps", "--format", "json", id},
                         {"events", "--stats", id},
                         {"delete", id},
                         {"delete", "--force", id}};
  call(kWays[what], Expect::kEither);
}

// The same with a container that no worker has for itself, so that it is made by several as well.
void Lifecycle::share() {
  const std::string own = id_;
  const Shape* const shape = shape_;
  id_ = shared_id(choice_.below(kSharedIds));
  shape_ = &all_shapes()[0];
  const bool makes = choice_.one_in(3);
  const bool runs = choice_.one_in(2);
  const unsigned what = choice_.below(6);
  if (makes) {
    const Program* const program = program_;
    program_ = &choice_.of(kPrograms);
    Words words = {
        runs ? "run" : "create", "--bundle", world_.folder + '/' + shape_->name, "--config",
        write_config(),          id_};
    if (runs) words.insert(words.begin() + 1, "--detach");
    call(words, Expect::kEither);
    program_ = program;
  } else {
    const Words kWays[] = {{"start", id_},
                           {"exec", "--detach", id_, "true"},
                           {"kill", id_, "KILL"},
                           {"delete", id_},
                           {"delete", "--force", id_},
                           {"update", "--resources", world_.folder + "/resources.json", id_}};
    call(kWays[what], Expect::kEither);
  }
  id_ = own;
  shape_ = shape;
}

}  // namespace soak
