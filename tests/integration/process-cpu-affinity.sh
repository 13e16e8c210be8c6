#!/bin/bash
# execCPUAffinity places exec's processes; the first process has all CPUs, whatever the caller had.
. "$(dirname "$0")/lib.sh"
need_root
need_command taskset
[ "$(nproc)" -ge 2 ] || skip "needs two CPUs"

cpus() { sed -n 's/^Cpus_allowed_list:[[:space:]]*//p' "$1"; }
all=$(cpus /proc/self/status)
make_bundle affinity "$(shell_command 'exec sleep 1000')"
edit_config '.process.execCPUAffinity = {initial: "0", final: "1"}'
succeed taskset -c 0 "$RUNTIME" --root "$ROOT" create --bundle "$BUNDLE" affinity
succeed brig start affinity
assert_eq "of the first process" "$all" "$(cpus "/proc/$(container_pid affinity)/status")"
succeed brig exec affinity grep Cpus_allowed_list /proc/self/status
assert_eq "of exec" 1 "${stdout##*[[:space:]]}"
jq -n '{cwd: "/", args: ["grep", "Cpus_allowed_list", "/proc/self/status"],
  execCPUAffinity: {initial: "0-1", final: "0"}}' >process.json
succeed brig exec --process process.json affinity
assert_eq "of exec --process" 0 "${stdout##*[[:space:]]}"
succeed brig delete --force affinity

edit_config '.process.execCPUAffinity = {final: "0-x"}'
refuse process.execCPUAffinity.final brig run --bundle "$BUNDLE" affinity
