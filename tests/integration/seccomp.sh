#!/bin/bash
# linux.seccomp: what each action does to a call, by name and by argument, for the program and exec.
. "$(dirname "$0")/lib.sh"
need_root

# filter ACTION-OF-SYNC-RULE: sync(2) is a call without which a shell can live.
make_bundle filter
rule() {
  edit_config '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", architectures: ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"],
    syscalls: [{names: ["sync", "no_such_call"]} + '"$1"']}'
}
rule '{action: "SCMP_ACT_ERRNO"}'
run_shell filter 'grep Seccomp: /proc/self/status; mkdir /made; true'
assert_matches "mode" 'Seccomp:[[:space:]]2' "$stdout"
edit_config '.linux.seccomp.syscalls = [{names: ["mkdir", "mkdirat"], action: "SCMP_ACT_ERRNO"}]'
run_shell filter 'mkdir /m2 2>&1; exit 0'
assert_contains "default errno" "Operation not permitted" "$stdout"
edit_config '.linux.seccomp.syscalls[0].errnoRet = 28'
run_shell filter 'mkdir /m3 2>&1; exit 0'
assert_contains "errnoRet" "No space left" "$stdout"
edit_config '.linux.seccomp.syscalls[0] |= (.errnoRet = 0)'
run_shell filter 'mkdir /m4 && test ! -e /m4 && echo pretended'
assert_eq "errno 0" pretended "$stdout"

# Killed: the thread or process dies by SIGSYS (31).
for action in SCMP_ACT_KILL SCMP_ACT_KILL_THREAD SCMP_ACT_KILL_PROCESS SCMP_ACT_TRAP; do
  rule "{action: \"$action\"}"
  edit_config '.process.args = ["sync"]'
  capture brig run --bundle "$BUNDLE" filter
  assert_eq "status of $action" 159 "$status"
done
rule '{action: "SCMP_ACT_LOG"}'
succeed brig run --bundle "$BUNDLE" filter

# Arguments: mode 0711 of mkdir is refused, 0700 is not; both conditions of one rule must hold.
edit_config '.linux.seccomp.syscalls = [
  {names: ["mkdir"], action: "SCMP_ACT_ERRNO", errnoRet: 13, args: [{index: 1, value: 457, op: "SCMP_CMP_EQ"}]},
  {names: ["chmod", "fchmodat"], action: "SCMP_ACT_ERRNO", errnoRet: 1,
   args: [{index: 1, value: 2048, valueTwo: 2048, op: "SCMP_CMP_MASKED_EQ"}]}]'
run_shell filter 'mkdir -m 711 /a 2>&1; mkdir -m 700 /b && echo made
  touch /f; chmod 755 /f && echo plain; chmod 4755 /f 2>&1; exit 0'
assert_contains "other arguments" made "$stdout"
assert_contains "unmasked bits" plain "$stdout"

# exec has the same filter.
edit_config '.linux.seccomp.syscalls = [{names: ["mkdir", "mkdirat"], action: "SCMP_ACT_ERRNO", errnoRet: 28}]'
edit_config "$(shell_command 'exec sleep 1000')"
start_container filter
capture brig exec filter mkdir /by-exec
assert_eq "status of exec" 1 "$status"
assert_contains "exec" "No space left" "$stderr"
succeed brig delete --force filter
