#include "actions.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "facts.h"
#include "json.h"

namespace probe {
namespace {

int signal_number(const std::string& name) {
  for (int i = 1; i < NSIG; i++) {
    const char* known = sigabbrev_np(i);
    if (known != nullptr && name == known) return i;
  }
  return atoi(name.c_str());
}

void block_all_signals() {
  sigset_t all;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, nullptr);
}

void print_line(const Json& json) {
  const std::string line = json.line() + "\n";
  if (write(STDOUT_FILENO, line.data(), line.size()) < 0) _exit(3);
}

// Until SIGTERM; process 1 of a pid namespace gets only signals that it waits for. With `print`
// each other signal is one line.
int wait_for_signals(bool print) {
  sigset_t all;
  sigfillset(&all);
  for (;;) {
    siginfo_t info{};
    const int number = sigwaitinfo(&all, &info);
    if (number == SIGTERM) return 0;
    if (!print || number <= 0 || number == SIGCHLD) continue;
    const char* name = sigabbrev_np(number);
    Json json;
    json.begin_object().member("signal",
                               name != nullptr ? std::string(name) : std::to_string(number));
    print_line(json.end_object());
  }
}

int wait_with_child() {
  if (fork() == 0) {
    for (;;) pause();
  }
  return wait_for_signals(false);
}

int use_memory(std::size_t bytes) {
  void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return 4;
  std::memset(memory, 1, bytes);
  return 0;
}

// How many of `count` children can be forked.
int count_children(int count) {
  int made = 0;
  while (made < count) {
    const pid_t child = fork();
    if (child < 0) break;
    if (child == 0) {
      for (;;) pause();
    }
    made++;
  }
  Json json;
  json.begin_object().member("children", static_cast<long long>(made));
  print_line(json.end_object());
  return 0;
}

std::string read_all(int fd) {
  std::string text;
  char buffer[4096];
  for (ssize_t n; (n = read(fd, buffer, sizeof buffer)) > 0;) {
    text.append(buffer, static_cast<std::size_t>(n));
  }
  return text;
}

int act_as_hook(const std::string& word) {
  if (word.starts_with("exit:")) return atoi(word.c_str() + 5);
  if (word == "sleep") {
    for (;;) pause();
  }
  if (word.starts_with("make:")) {
    const int fd = open(word.c_str() + 5, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    if (fd < 0) return 5;
    close(fd);
  }
  return 0;
}

std::string first_word(const std::string& action) { return action.substr(0, action.find(':')); }

}  // namespace

void prepare_to_act(const std::string& action) {
  const std::string word = first_word(action);
  if (word == "wait" || word == "catch" || word == "fork") block_all_signals();
}

int act(const std::string& action) {
  const std::string word = first_word(action);
  const std::string argument = word.size() < action.size() ? action.substr(word.size() + 1) : "";
  if (word.empty()) return 0;
  if (word == "exit") return atoi(argument.c_str());
  if (word == "kill") return raise(signal_number(argument));
  if (word == "wait") return wait_for_signals(false);
  if (word == "catch") return wait_for_signals(true);
  if (word == "fork") return wait_with_child();
  if (word == "memory") return use_memory(strtoul(argument.c_str(), nullptr, 0));
  if (word == "children") return count_children(atoi(argument.c_str()));
  static_cast<void>(!write(STDERR_FILENO, "probe: no such action\n", 22));
  return 2;
}

int run_hook(int argc, char** argv) {
  if (argc < 4) return 2;
  const std::string input = read_all(STDIN_FILENO);
  Json json;
  json.begin_object().member("hook", argv[2]).member("stdin", input);
  json.key("args");
  write_arguments(json);
  json.key("env");
  write_environment(json);
  json.key("namespaces");
  write_namespaces(json);
  // Only the container's root file system has it there.
  json.member("in_container_root", access("/probe", X_OK) == 0);
  json.member("pid", static_cast<long long>(getpid()));
  json.end_object();
  const std::string line = json.line() + "\n";
  const int log = open(argv[3], O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
  if (log < 0 || write(log, line.data(), line.size()) < 0) return 3;
  close(log);
  int status = 0;
  for (int i = 4; i < argc && status == 0; i++) status = act_as_hook(argv[i]);
  return status;
}

}  // namespace probe
