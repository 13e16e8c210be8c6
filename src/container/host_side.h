// What making a container and adding a process to one have in common on the host side: handing the
// terminal on, telling the caller the pid, saying how the other side ended.
#pragma once

#include <string>

#include "container/handshake.h"
#include "oci/state.h"
#include "sys/fd.h"
#include "sys/process.h"

namespace brig::container {

// The rules for terminals: one that brig does not stay with needs a socket to go to, and a socket
// needs a terminal.
// `option` is what asks for the terminal: "process.terminal" or "--tty".
void check_terminal_options(bool terminal, bool detached, const std::string& console_socket,
                            const char* option);

// Receives the terminal's master and sends it to `console_socket`; returns it when there is no
// socket. `process` is whose terminal it is. This and the two below throw PeerGone when the process
// ends while a listener does not accept.
sys::OwnFd take_terminal(Channel& channel, const std::string& console_socket,
                         const sys::ChildProcess& process);

// Receives the listener of the process's filter and sends it, with the container process state, to
// the record's seccomp agent. Keeps no descriptor of it: when the agent ends, waiting calls end
// too.
void hand_on_listener(Channel& channel, const oci::StateRecord& record, const std::string& state,
                      const sys::ChildProcess& process);

// Sends the pidfd to `pidfd_socket` and writes the pid file, for those that are not empty.
void publish_process(const sys::ChildProcess& process, const std::string& pidfd_socket,
                     const std::string& pid_file);
// After a failure: removes the pid file that publish_process() has written.
void withdraw_process(const std::string& pid_file) noexcept;

// The process ended without a message of its own: waits for it and throws how it ended, and why
// where its cgroup (directory descriptor or -1) knows. `process` is empty afterwards.
[[noreturn]] void explain_end(sys::ChildProcess& process, int cgroup, const PeerGone& error);

// Kills the process and waits for it; nothing when there is none. False: it has not ended ten
// seconds later, as one that hangs in the kernel.
bool kill_and_reap(sys::ChildProcess& process) noexcept;

}  // namespace brig::container
