#include "lifecycle.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <csignal>
#include <cstdio>

#include "../faults/world.h"

namespace soak {

namespace {

constexpr unsigned kMostOperations = 9;
// One command of so many is killed, after at most so long.
constexpr unsigned kKillOneIn = 24;
constexpr unsigned kKillWithinMicroseconds = 8000;
// One lifecycle of so many is one in which others may have a hand.
constexpr unsigned kOpenOneIn = 4;

// One write, so that the lines of several workers do not mix.
void print_line(std::string line) {
  line += '\n';
  std::fwrite(line.data(), 1, line.size(), stdout);
  std::fflush(stdout);
}

bool is_one_line(const std::string& text) {
  return text.size() > 1 && text.find('\n') == text.size() - 1;
}

// Without the folders of files.
std::string joined(const Words& words) {
  std::string text;
  for (const std::string& word : words) {
    const bool is_path = word.starts_with('/');
    text += (text.empty() ? "" : " ") + (is_path ? word.substr(word.rfind('/') + 1) : word);
  }
  return text;
}

int failure_status(const Words& words) { return words[0] == "exec" ? 255 : 1; }

// How the program of run or exec may end when others have a hand in it: as it would, by a signal,
// or by the end of its terminal.
bool is_end_of_program(int status) { return status == 0 || status == 3 || status > 128; }

// An error with what differs between two of the same kind left out.
std::string kind_of(const std::string& line) {
  std::string kind;
  for (const char c : line) {
    if (std::isdigit(static_cast<unsigned char>(c)) == 0)
      kind += c;
    else if (kind.empty() || kind.back() != '#')
      kind += '#';
  }
  return kind;
}

// For --answers of the script, which counts them.
void note_answer(const World& world, const Worker& worker, const Words& words,
                 const faults::Finished& done) {
  if (done.err.empty()) return;
  const std::string path = world.folder + "/../answers/" + std::to_string(worker.index);
  std::FILE* const file = std::fopen(path.c_str(), "ae");
  if (file == nullptr) return;
  std::fprintf(file, "%s, status %d: %s", words[0].c_str(), done.status, kind_of(done.err).c_str());
  std::fclose(file);
}

}  // namespace

const std::vector<Shape>& all_shapes() {
  static const std::vector<Shape> kShapes = {
      {.name = "plain", .weight = 6},
      {.name = "user", .weight = 3},
      {.name = "host-pids", .weight = 2, .own_pids = false},
      {.name = "hooks", .weight = 2},
      {.name = "seccomp", .weight = 2},
      {.name = "terminal", .weight = 2, .has_terminal = true},
      {.name = "bad-hook", .weight = 1, .can_be_made = false},
      {.name = "bad-program", .weight = 1, .can_be_made = false},
  };
  return kShapes;
}

std::string shared_id(unsigned index) { return "shared-" + std::to_string(index); }

Lifecycle::Lifecycle(const Worker& worker, unsigned number)
    : worker_(worker),
      world_(worker.world),
      number_(number),
      choice_(worker.world.seed, worker.index, number),
      program_(kPrograms),
      id_("w" + std::to_string(worker.index) + '-' + std::to_string(number)) {
  shape_ = choice_.of(world_.shapes);
}

Lifecycle::~Lifecycle() {
  for (const std::string& file : files_) ::unlink(file.c_str());
  for (const char* suffix : {".pid", ".sock"})
    ::unlink((world_.folder + '/' + id_ + suffix).c_str());
  ::unlink((world_.folder + "/." + id_ + ".pid").c_str());  // of a command that was killed
  if (listener_ >= 0) ::close(listener_);
  for (Background* const one : background_) delete one;
}

bool Lifecycle::run() {
  faults::forget_ends();
  open_ = choice_.one_in(kOpenOneIn);
  if (open_) {
    certain_ = false;
    worker_.own().open_number = number_ + 1;
  }
  make();
  const std::vector<Operation>& all = operations();
  unsigned weights = 0;
  for (const Operation& one : all) weights += one.weight;
  for (unsigned left = 1 + choice_.below(kMostOperations); left > 0 && !failed_; --left) {
    unsigned at = choice_.below(weights);
    const Operation* chosen = all.data();
    for (; at >= chosen->weight; ++chosen) at -= chosen->weight;
    (this->*chosen->run)();
  }
  worker_.own().open_number = 0;
  remove_at_last();
  end_background();
  WorkerTally& own = worker_.own();
  ++own.lifecycles;
  if (!certain_) ++own.disturbed;
  if (failed_) ++own.failures;
  return !failed_;
}

void Lifecycle::remove_at_last() {
  if (choice_.one_in(kKillOneIn)) call({"delete", "--force", id_}, Expect::kEither);
  const Words words = {"delete", "--force", id_};
  faults::Finished done = faults::run(command(words));
  judge(words, done, Expect::kWorks, -1);
  // A create or run that has been started may not have come to make its container before that.
  const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(faults::patience);
  for (bool again = !background_.empty(); again;) {
    again = makes_in_background() && std::chrono::steady_clock::now() < limit;
    judge(words, faults::run(command(words)), Expect::kWorks, -1);
  }
  done = faults::run(command({"state", id_}));
  if (done.err.find("does not exist") == std::string::npos)
    fail("after delete --force, state: " + done.out + done.err);
  for (const std::string& path : {world_.root + '/' + id_, world_.cgroup + '/' + id_})
    if (::access(path.c_str(), F_OK) == 0) fail("after delete --force there is " + path);
}

bool Lifecycle::makes_in_background() const {
  return std::any_of(background_.begin(), background_.end(), [](const Background* one) {
    siginfo_t info = {};
    return (one->words[0] == "run" || one->words[0] == "create") &&
           ::waitid(P_PID, static_cast<id_t>(one->pid), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
           info.si_pid == 0;
  });
}

Words Lifecycle::command(const Words& words) const {
  Words all = {world_.runtime, "--root", world_.root};
  all.insert(all.end(), words.begin(), words.end());
  return all;
}

void Lifecycle::fail(const std::string& why) {
  failed_ = true;
  print_line("FAIL: --only " + std::to_string(worker_.index) + ':' + std::to_string(number_) +
             " (" + shape_->name + (open_ ? ", others take part" : "") + history_ + "): " + why);
}

const char* Lifecycle::shown_status() const {
  if (status_ == Status::kStopped) return "stopped";
  if (frozen_) return "paused";
  return status_ == Status::kCreated ? "created" : "running";
}

void Lifecycle::program_runs() {
  status_ = Status::kRunning;
  if (program_->status >= 0) init_ended(program_->status);
}

void Lifecycle::init_ended(int status) {
  if (certain_) {
    const faults::Deadline deadline(faults::patience);
    const faults::Ended ended = faults::wait_for(init_);
    if (!ended.in_time)
      fail("its process does not end");
    else if (ended.status != status)
      fail("its process ended with " + std::to_string(ended.status) + " instead of " +
           std::to_string(status));
  }
  status_ = Status::kStopped;
}

// ---- Commands
// --------------------------------------------------------------------------------------

// Whether it still ran when it was killed.
bool Lifecycle::kill_at_random(pid_t pid, const std::string& command) {
  const int pidfd = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
  pollfd watched = {pidfd, POLLIN, 0};
  const timespec moment = {0, static_cast<long>(choice_.below(kKillWithinMicroseconds)) * 1000};
  const bool ended = ::ppoll(&watched, 1, &moment, nullptr) > 0;
  ::close(pidfd);
  ::kill(pid, SIGKILL);
  if (!ended) ++worker_.own().of[command_index(command)].killed;
  return !ended;
}

bool Lifecycle::call(const Words& words, Expect expect, int program) {
  if (failed_) return false;
  if (is_stuck_) {
    call_in_background(words);
    return false;
  }
  history_ += "; " + joined(words);
  if (!choice_.one_in(kKillOneIn)) {
    const faults::Finished done = faults::run(command(words));
    judge(words, done, expect, program);
    if (words[0] == "state" && certain_ && expect == Expect::kWorks &&
        done.out.find(std::string("\"status\": \"") + shown_status() + '"') == std::string::npos)
      fail(std::string("it is ") + shown_status() + ", state says " + done.out);
    return done.status == std::max(program, 0);
  }
  const faults::Output out;
  const faults::Output err;
  const faults::Deadline deadline(faults::patience);
  const pid_t pid = faults::start(command(words), out.fd(), err.fd());
  history_ += kill_at_random(pid, words[0]) ? " (killed)" : " (not killed)";
  if (!faults::wait_for(pid).in_time) fail(words[0] + " does not end after SIGKILL");
  certain_ = false;
  return false;
}

void Lifecycle::call_in_background(const Words& words) {
  if (failed_) return;
  history_ += "; " + joined(words) + " &";
  auto* const one = new Background;
  background_.push_back(one);
  one->words = words;
  one->pid = faults::start(command(words), one->out.fd(), one->err.fd());
  if (choice_.one_in(kKillOneIn)) {
    one->killed = true;
    history_ += kill_at_random(one->pid, words[0]) ? " (killed)" : " (not killed)";
    certain_ = false;
  }
}

// They depend on this container, which is gone.
void Lifecycle::end_background() {
  for (const Background* one : background_) {
    const faults::Deadline deadline(faults::patience);
    faults::Finished done;
    static_cast<faults::Ended&>(done) = faults::wait_for(one->pid);
    done.out = one->out.text();
    done.err = one->err.text();
    judge_background(*one, done);
    if (done.in_time) continue;
    ::kill(one->pid, SIGKILL);
    const faults::Deadline more(faults::patience);
    faults::wait_for(one->pid);
  }
}

void Lifecycle::judge_background(const Background& one, const faults::Finished& done) {
  const Words& words = one.words;
  if (one.killed && done.status == 128 + SIGKILL) return;
  const bool ended = (words[0] == "run" || words[0] == "exec") && done.err.empty() &&
                     is_end_of_program(done.status);
  judge(words, done, Expect::kEither, ended ? done.status : -1);
}

void Lifecycle::judge(const Words& words, const faults::Finished& done, Expect expect,
                      int program) {
  const std::string what = joined(words) + ": status " + std::to_string(done.status);
  if (!done.in_time) return fail(joined(words) + ": does not end; so far: " + done.err);
  note_answer(world_, worker_, words, done);
  Counts& counts = worker_.own().of[command_index(words[0])];
  if (worker_.early) counts.early_peak_kb = std::max(counts.early_peak_kb, done.peak_kb);
  if (worker_.late) counts.late_peak_kb = std::max(counts.late_peak_kb, done.peak_kb);
  if (done.status == std::max(program, 0)) {
    ++counts.worked;
    if (!done.err.empty()) fail(what + ", but it says: " + done.err);
    if (expect == Expect::kRefused) fail(what + ", but it must be refused");
    return;
  }
  ++counts.refused;
  if (done.status != failure_status(words)) return fail(what + ": " + done.err);
  if (!is_one_line(done.err)) return fail(what + ", and instead of one line: \"" + done.err + '"');
  if (expect == Expect::kWorks) fail(what + ": " + done.err.substr(0, done.err.size() - 1));
}

}  // namespace soak
