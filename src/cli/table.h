// Everything that the command line understands, as one constant table: the global options, the
// commands, their operands and options. The parser (args.h), `--help` (help.h) and the shell
// completions (completion.h) are made from it, and a unit test compares it with the man page.
//
// The options are those of runc and crun, so that their callers need not know the difference.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace brig::cli {

// One option: `--name`, `-name` and, when `letter` is not 0, `-l`.
struct Option {
  const char* name = "";
  char letter = 0;
  // What stands for the value in help texts; empty: a switch, which takes an optional "=true" or
  // "=false". Words with '|' between them are all the values there are; FILE, DIR and SOCKET tell
  // the completions what to offer.
  const char* argument = "";
  const char* help = "";
  bool hidden = false;  // accepted for old callers, but not offered

  [[nodiscard]] constexpr bool is_switch() const { return *argument == '\0'; }
};

enum class CommandId {
  kCheckpoint,
  kCompletion,
  kCreate,
  kDelete,
  kEvents,
  kExec,
  kFeatures,
  kHelp,
  kKill,
  kList,
  kPause,
  kPs,
  kRestore,
  kResume,
  kRun,
  kSpec,
  kStart,
  kState,
  kUpdate,
};

inline constexpr std::size_t kNoMaximum = ~std::size_t{0};

struct Command {
  CommandId id = CommandId::kHelp;
  const char* name = "";
  const char* operands = "";  // as the usage line shows them
  const char* summary = "";
  std::span<const Option> options;
  std::size_t min_operands = 1;
  std::size_t max_operands = 1;
  bool stops_at_operand = false;  // what follows the first operand belongs to another program
  bool hidden = false;
};

inline constexpr Option kGlobalOptions[] = {
    {"root", 0, "DIR", "keep the state of the containers below DIR (default: /run/brig)"},
    {"log", 0, "FILE", "append messages to FILE (default: standard error)"},
    {"log-format", 0, "text|json", "format of the messages (default: text)"},
    {"log-level", 0, "error|warning|info|debug", "least important message to write"},
    {"debug", 0, "", "the same as --log-level=debug"},
    {"timings", 0, "FILE", "append the duration of each phase of the command to FILE"},
    {"systemd-cgroup", 0, "", "the same as --cgroup-manager=systemd"},
    {"cgroup-manager", 0, "cgroupfs|systemd|disabled", "who makes cgroups (default: cgroupfs)"},
    {"rootless", 0, "true|false|auto",
     "may a container without limits have no cgroup? auto: unless root", true},
    {"criu", 0, "FILE", "accepted for old callers; not used", true},
    {"version", 'v', "", "show the version"},
    {"V", 0, "", "show the version", true},
};

// Accepted by every command and before it.
inline constexpr Option kHelpOption = {"help", 'h', "", "show this help"};

inline constexpr Option kBundle = {"bundle", 'b', "DIR",
                                   "folder with config.json (default: the current one)"};
inline constexpr Option kConfigFile = {"config", 'f', "FILE",
                                       "read FILE instead of the bundle's config.json"};
inline constexpr Option kConsoleSocket = {
    "console-socket", 0, "SOCKET", "Unix socket that receives the master side of the terminal"};
inline constexpr Option kPidfdSocket = {"pidfd-socket", 0, "SOCKET",
                                        "Unix socket that receives a pidfd of the process"};
inline constexpr Option kPidFile = {"pid-file", 0, "FILE", "write the process id to FILE"};
inline constexpr Option kNoPivot = {"no-pivot", 0, "",
                                    "do not use pivot_root (root file system on a ramdisk)"};
inline constexpr Option kNoNewKeyring = {"no-new-keyring", 0, "", "keep the caller's session key"};
inline constexpr Option kPreserveFds = {"preserve-fds", 0, "N",
                                        "pass N more descriptors, from 3 (or after LISTEN_FDS) on"};
inline constexpr Option kDetach = {"detach", 'd', "", "do not wait for the process"};
inline constexpr Option kNoSubreaper = {"no-subreaper", 0, "",
                                        "do not adopt the container's orphans while waiting"};

inline constexpr Option kCreateOptions[] = {
    kBundle,
    kConfigFile,
    kConsoleSocket,
    kPidfdSocket,
    kPidFile,
    kNoPivot,
    kNoNewKeyring,
    kPreserveFds,
    {"no-subreaper", 0, "", "accepted for crun's callers; create does not wait", true},
};

inline constexpr Option kRunOptions[] = {
    kBundle,
    kConfigFile,
    kConsoleSocket,
    kPidfdSocket,
    kPidFile,
    kDetach,
    {"keep", 0, "", "do not delete the container when its process has ended"},
    kNoSubreaper,
    kNoPivot,
    kNoNewKeyring,
    kPreserveFds,
};

inline constexpr Option kExecOptions[] = {
    {"process", 'p', "FILE",
     "read the process from FILE (JSON); options about the process are then not used"},
    {"cwd", 0, "DIR", "working directory in the container"},
    {"env", 'e', "NAME=VALUE", "add an environment variable (more than once: all)"},
    {"tty", 't', "", "give the process a terminal"},
    {"user", 'u', "UID[:GID]", "numeric user and group"},
    {"additional-gids", 'g', "GID", "add a supplementary group (more than once: all)"},
    {"cap", 'c', "CAP", "add a capability (more than once: all)"},
    {"no-new-privs", 0, "", "set no_new_privs for the process"},
    {"process-label", 0, "LABEL", "SELinux label of the process"},
    {"apparmor", 0, "PROFILE", "AppArmor profile of the process"},
    {"cgroup", 0, "PATH", "put the process into this cgroup below the container's"},
    {"ignore-paused", 0, "", "start the process even if the container is paused"},
    kDetach,
    kConsoleSocket,
    kPidfdSocket,
    kPidFile,
    kPreserveFds,
};

inline constexpr Option kKillOptions[] = {
    {"all", 'a', "", "signal all processes; a container that does not run is no error", true},
    {"regex", 'r', "", "CONTAINER is an extended regular expression"},
};

inline constexpr Option kDeleteOptions[] = {
    {"force", 'f', "", "kill a running container; one that does not exist is no error"},
    {"regex", 'r', "", "CONTAINER is an extended regular expression"},
};

inline constexpr Option kListOptions[] = {
    {"format", 'f', "table|json", "form of the output (default: table)"},
    {"quiet", 'q', "", "show only the names"},
};

inline constexpr Option kPsOptions[] = {
    {"format", 'f', "table|json", "form of the output (default: table)"},
};

inline constexpr Option kEventsOptions[] = {
    {"stats", 0, "", "show the statistics once and end"},
    {"interval", 0, "DURATION", "time between statistics, such as 500ms or 1m30s (default: 5s)"},
};

inline constexpr Option kUpdateOptions[] = {
    {"resources", 'r', "FILE",
     "read the limits from FILE (JSON), or from standard input when it is -; "
     "the other limits are then not used"},
    {"blkio-weight", 0, "N", "block IO weight, 10 to 1000"},
    {"cpu-period", 0, "USEC", "period in which the CPU quota counts"},
    {"cpu-quota", 0, "USEC", "CPU time in each period; -1: no limit"},
    {"cpu-burst", 0, "USEC", "CPU time that may be saved up for a burst"},
    {"cpu-share", 0, "N", "CPU weight against other containers, 2 to 262144"},
    {"cpu-rt-period", 0, "USEC", "period of the realtime CPU limit"},
    {"cpu-rt-runtime", 0, "USEC", "realtime CPU time in each period"},
    {"cpu-idle", 0, "0|1", "1: run only when the CPU would idle"},
    {"cpuset-cpus", 0, "LIST", "CPUs to use"},
    {"cpuset-mems", 0, "LIST", "memory nodes to use"},
    {"memory", 0, "SIZE", "memory limit; -1: none"},
    {"memory-reservation", 0, "SIZE", "memory that is protected from reclaim"},
    {"memory-swap", 0, "SIZE", "limit of memory and swap together; -1: none"},
    {"kernel-memory", 0, "SIZE", "accepted for old callers; has no effect", true},
    {"kernel-memory-tcp", 0, "SIZE", "accepted for old callers; has no effect", true},
    {"pids-limit", 0, "N", "most processes and threads; -1: no limit"},
    {"l3-cache-schema", 0, "SCHEMA", "Intel RDT L3 cache schema"},
    {"mem-bw-schema", 0, "SCHEMA", "Intel RDT memory bandwidth schema"},
};

inline constexpr Option kSpecOptions[] = {
    {"bundle", 'b', "DIR", "write into DIR (default: the current folder)"},
    {"file", 'f', "FILE", "name of the file (default: config.json)"},
    {"rootless", 0, "", "for a container that is run without root privileges"},
};

inline constexpr Option kCheckpointOptions[] = {
    {"image-path", 0, "DIR", "where to save the image"},
    {"work-path", 0, "DIR", "where to save work files and logs"},
    {"parent-path", 0, "DIR", "the previous image of a series, relative to the image"},
    {"leave-running", 0, "", "let the container go on"},
    {"tcp-established", 0, "", "allow open TCP connections"},
    {"tcp-skip-in-flight", 0, "", "skip TCP connections that are being opened"},
    {"link-remap", 0, "", "give unlinked files a name for the time being"},
    {"ext-unix-sk", 0, "", "allow Unix sockets to the outside"},
    {"shell-job", 0, "", "allow a terminal from outside"},
    {"lazy-pages", 0, "", "serve memory pages on demand"},
    {"status-fd", 0, "FD", "descriptor to report readiness of the lazy pages on"},
    {"page-server", 0, "ADDRESS:PORT", "send memory pages to a page server"},
    {"file-locks", 0, "", "allow file locks"},
    {"pre-dump", 0, "", "save only the memory and let the container go on"},
    {"manage-cgroups-mode", 0, "soft|full|strict|ignore", "what to do about cgroups"},
    {"network-lock", 0, "METHOD", "how to lock the network"},
    {"empty-ns", 0, "NAMESPACE", "make the namespace, but do not restore what is in it"},
    {"auto-dedup", 0, "", "remove memory pages that a newer image has"},
};

inline constexpr Option kRestoreOptions[] = {
    kBundle,
    kConsoleSocket,
    kPidFile,
    kDetach,
    kNoSubreaper,
    kNoPivot,
    {"image-path", 0, "DIR", "where the image is"},
    {"work-path", 0, "DIR", "where to save work files and logs"},
    {"tcp-established", 0, "", "restore open TCP connections"},
    {"tcp-close", 0, "", "close the TCP connections"},
    {"ext-unix-sk", 0, "", "allow Unix sockets to the outside"},
    {"shell-job", 0, "", "allow a terminal from outside"},
    {"file-locks", 0, "", "restore file locks"},
    {"manage-cgroups-mode", 0, "soft|full|strict|ignore", "what to do about cgroups"},
    {"network-lock", 0, "METHOD", "how to lock the network"},
    {"empty-ns", 0, "NAMESPACE", "make the namespace, but do not restore what is in it"},
    {"auto-dedup", 0, "", "remove memory pages that are restored"},
    {"lazy-pages", 0, "", "fetch memory pages on demand"},
    {"lsm-profile", 0, "TYPE:NAME", "LSM profile to restore with"},
    {"lsm-mount-context", 0, "CONTEXT", "LSM mount context to restore with"},
};

inline constexpr Command kCommands[] = {
    {CommandId::kCheckpoint, "checkpoint", "CONTAINER",
     "save the state of a container (not supported yet)", kCheckpointOptions},
    {.id = CommandId::kCompletion,
     .name = "completion",
     .operands = "bash|zsh|fish",
     .summary = "print a completion script for a shell",
     .options = {},
     .hidden = true},
    {CommandId::kCreate, "create", "CONTAINER", "make a container, ready to be started",
     kCreateOptions},
    {CommandId::kDelete, "delete", "CONTAINER", "remove a container and all that it holds",
     kDeleteOptions},
    {CommandId::kEvents, "events", "CONTAINER", "show statistics and out-of-memory events",
     kEventsOptions},
    {.id = CommandId::kExec,
     .name = "exec",
     .operands = "CONTAINER COMMAND [ARGUMENT]... | --process FILE CONTAINER",
     .summary = "run a further process in a container",
     .options = kExecOptions,
     .max_operands = kNoMaximum,
     .stops_at_operand = true},
    {.id = CommandId::kFeatures,
     .name = "features",
     .summary = "show what this runtime supports, as JSON",
     .options = {},
     .min_operands = 0,
     .max_operands = 0},
    {.id = CommandId::kHelp,
     .name = "help",
     .operands = "[COMMAND]",
     .summary = "show help for a command",
     .options = {},
     .min_operands = 0,
     .hidden = true},
    {.id = CommandId::kKill,
     .name = "kill",
     .operands = "CONTAINER [SIGNAL]",
     .summary = "send a signal (default: SIGTERM) to a container's process",
     .options = kKillOptions,
     .max_operands = 2,
     .stops_at_operand = true},
    {.id = CommandId::kList,
     .name = "list",
     .summary = "list the containers",
     .options = kListOptions,
     .min_operands = 0,
     .max_operands = 0},
    {CommandId::kPause, "pause", "CONTAINER", "freeze all processes of a container", {}},
    {.id = CommandId::kPs,
     .name = "ps",
     .operands = "CONTAINER [PS-OPTION]...",
     .summary = "show the processes of a container",
     .options = kPsOptions,
     .max_operands = kNoMaximum,
     .stops_at_operand = true},
    {CommandId::kRestore, "restore", "CONTAINER",
     "restore a container from a saved state (not supported yet)", kRestoreOptions},
    {CommandId::kResume, "resume", "CONTAINER", "let the processes of a container go on", {}},
    {CommandId::kRun, "run", "CONTAINER", "make a container, start it and wait for it",
     kRunOptions},
    {.id = CommandId::kSpec,
     .name = "spec",
     .summary = "write a config.json to start from",
     .options = kSpecOptions,
     .min_operands = 0,
     .max_operands = 0},
    {CommandId::kStart, "start", "CONTAINER", "start the process of a created container", {}},
    {CommandId::kState, "state", "CONTAINER", "show the state of a container as JSON", {}},
    {CommandId::kUpdate, "update", "CONTAINER", "change the limits of a container", kUpdateOptions},
};

// The command called `name`, or null.
constexpr const Command* find_command(std::string_view name) {
  for (const Command& command : kCommands)
    if (name == command.name) return &command;
  return nullptr;
}

// The name of an option that exists in the table: a misspelt one does not compile.
class OptionName {
 public:
  consteval OptionName(const char* name) : name_(name) {  // NOLINT: written as a plain literal
    if (!known(kGlobalOptions)) {
      bool found = std::string_view(kHelpOption.name) == name;
      for (const Command& command : kCommands) found = found || known(command.options);
      if (!found) throw "no such option in the table";
    }
  }
  [[nodiscard]] constexpr std::string_view text() const { return name_; }

 private:
  [[nodiscard]] constexpr bool known(std::span<const Option> options) const {
    for (const Option& option : options)
      if (name_ == option.name) return true;
    return false;
  }
  std::string_view name_;
};

}  // namespace brig::cli
