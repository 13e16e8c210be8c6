#!/bin/bash
# SCMP_ACT_NOTIFY: the agent at listenerPath gets the state and the listener, for create and exec, and its answers count.
. "$(dirname "$0")/lib.sh"
need_root
need_helper seccomp-agent
[ "$(uname -m)" = x86_64 ] || skip "knows the numbers of system calls of x86_64 only"
mkdir=83 umask=95

# start_agent ARGUMENT...: sets $agent; prints into the file "agent".
start_agent() {
  rm -f agent.sock
  "$helper" "$WORK/agent.sock" "$@" >agent 2>&1 &
  agent=$!
  wait_until test -S agent.sock
}
stop_agent() {
  kill "$agent"
  wait "$agent" || true
}
agent_state() { sed -n 's/^state //p' agent | sed -n "$1p" | jq -r "$2"; }

make_bundle notified
edit_config '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", listenerPath: $path, listenerMetadata: "some data",
  syscalls: [{names: ["mkdir"], action: "SCMP_ACT_NOTIFY"}]} | .annotations = {key: "value"}' --arg path "$WORK/agent.sock"

# The agent's answer is what the program sees, whether the filter is loaded before or after the capabilities go.
for no_new_privileges in true false; do
  start_agent $mkdir=28
  edit_config ".process.noNewPrivileges = $no_new_privileges"
  run_shell notified 'mkdir /x 2>&1; echo ended'
  assert_contains "answer" 'No space left' "$stdout"
  assert_contains "after it" ended "$stdout"
  assert_eq "calls" "call $mkdir" "$(grep call agent)"
  stop_agent
done
assert_eq "one state" 1 "$(grep -c '^state' agent)"
assert_eq "fds" '["seccompFd"]' "$(agent_state 1 '.fds | tojson')"
assert_eq "state" "creating notified $BUNDLE value some data" \
  "$(agent_state 1 '[.state.status, .state.id, .state.bundle, .state.annotations.key, .metadata] | join(" ")')"
assert_matches "versions" '^1\.[0-9]+\.[^ ]+ 1\.[0-9]+' "$(agent_state 1 '.ociVersion + " " + .state.ociVersion')"

# create, start and exec: each process has a listener of its own.
start_agent $mkdir=28
edit_config "$(shell_command 'mkdir /x; exec sleep 1000')"
succeed brig create --bundle "$BUNDLE" notified
assert_eq "pid of create" "$(container_pid notified)" "$(agent_state 1 .pid)"
assert_eq "pid of its state" "$(container_pid notified)" "$(agent_state 1 .state.pid)"
succeed brig start notified
wait_until grep -q "call $mkdir" agent
capture brig exec --pid-file exec.pid notified mkdir /y
assert_status 1
assert_contains "answer to exec" 'No space left' "$stderr"
assert_eq "state of exec" "running $(container_pid notified)" "$(agent_state 2 '.state.status + " " + (.state.pid | tostring)')"
assert_eq "pid of exec" "$(<exec.pid)" "$(agent_state 2 .pid)"
succeed brig exec --no-new-privs notified true
# The program calls nothing that waits for the agent, which may come to it later.
has_states() { [ "$(grep -c '^state' agent)" = "$1" ]; }
wait_until has_states 3
stop_agent
# Without agent: exec fails and leaves no process; the container goes on.
refuse 'linux.seccomp.listenerPath' brig exec notified true
assert_eq "processes" 1 "$(brig ps --format json notified | jq length)"
succeed brig delete --force notified

# What hands the listener on is never held up: neither by the calls it takes nor by a default action.
for rules in '[{names: ["sendmsg", "close", "write", "read", "execve", "prctl", "capset"], action: "SCMP_ACT_NOTIFY"}]' \
  '[{names: ["sendmsg", "close"], action: "SCMP_ACT_ERRNO"}, {names: ["mkdir"], action: "SCMP_ACT_NOTIFY"}]'; do
  for no_new_privileges in true false; do
    start_agent
    edit_config ".linux.seccomp.syscalls = $rules | .process.noNewPrivileges = $no_new_privileges"
    run_shell notified 'mkdir /made; test -d /made && rmdir /made && echo made'
    assert_contains "with $rules" made "$stdout"
    stop_agent
  done
done
start_agent
edit_config '.linux.seccomp.syscalls = [] | .linux.seccomp.defaultAction = "SCMP_ACT_NOTIFY"'
run_shell notified 'mkdir /made; test -d /made && rmdir /made && echo made'
assert_contains "with a default of NOTIFY" made "$stdout"
stop_agent

# A path relative to the bundle; a state longer than one message; all flags.
edit_config '.linux.seccomp.defaultAction = "SCMP_ACT_ALLOW" | .linux.seccomp.listenerPath = "../agent.sock"
  | .linux.seccomp.syscalls = [{names: ["umask"], action: "SCMP_ACT_NOTIFY"}]
  | .annotations.long = ([range(20000)] | map("abc") | add)'
trapping='trap "echo trapped" USR1; umask 077; echo "then $?"'
start_agent $umask=signal
edit_config '.linux.seccomp.flags = ["SECCOMP_FILTER_FLAG_TSYNC", "SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_SPEC_ALLOW"]'
run_shell notified "$trapping"
assert_eq "long state" 60000 "$(agent_state 1 '.state.annotations.long | length')"
assert_contains "without WAIT_KILLABLE_RECV a signal" "interrupted $umask" "$(<agent)"
stop_agent
succeed brig features
if jq -e '.linux.seccomp.supportedFlags | index("SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV")' <<<"$stdout" >/dev/null; then
  start_agent $umask=signal
  edit_config '.linux.seccomp.flags = ["SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"]'
  run_shell notified "$trapping"
  assert_contains "with WAIT_KILLABLE_RECV a signal" "waits $umask" "$(<agent)"
  stop_agent
fi
