#!/bin/bash
# process.rlimits are the program's limits, also those of exec; one that cannot be set names its place.
. "$(dirname "$0")/lib.sh"
need_root

make_bundle rlimits '.process.rlimits = [
  {type: "RLIMIT_NOFILE", soft: 100, hard: 200}, {type: "RLIMIT_CORE", soft: 0, hard: 0},
  {type: "RLIMIT_NPROC", soft: 3000, hard: 3000}, {type: "RLIMIT_STACK", soft: 4194304, hard: 67108864}]'
edit_config "$(shell_command 'cat /proc/self/limits; exec sleep 1000')"
start_container rlimits
succeed brig exec rlimits cat /proc/self/limits
for limit in 'Max open files +100 +200' 'Max core file size +0 +0' 'Max processes +3000 +3000' \
  'Max stack size +4194304 +67108864'; do
  assert_matches "limits of exec" "$limit" "$stdout"
  assert_matches "limits of the first process" "$limit" "$(cat "/proc/$(container_pid rlimits)/limits")"
done
succeed brig delete --force rlimits

edit_config ".process.args = [\"true\"] | .process.rlimits[0].hard = 99"
refuse 'process.rlimits[0]' brig run --bundle "$BUNDLE" rlimits
edit_config '.process.rlimits[0] = {type: "RLIMIT_NOSUCH", soft: 1, hard: 1}'
refuse 'process.rlimits[0].type' brig run --bundle "$BUNDLE" rlimits
edit_config '.process.rlimits = [{type: "RLIMIT_CPU", soft: 9, hard: 9}, {type: "RLIMIT_CPU", soft: 8, hard: 9}]'
refuse 'process.rlimits[1].type' brig run --bundle "$BUNDLE" rlimits

# Above the caller's hard limit. A runtime without CAP_SYS_RESOURCE says that it is missing.
edit_config '.process.rlimits = [{type: "RLIMIT_NOFILE", soft: 10, hard: 10}, {type: "RLIMIT_CORE", soft: 9, hard: 99999}]'
capture setpriv --bounding-set -sys_resource --inh-caps -sys_resource \
  bash -c "ulimit -H -c 5; exec '$RUNTIME' --root '$ROOT' run --bundle '$BUNDLE' rlimits"
[ $status != 0 ] || fail "a hard limit was raised without CAP_SYS_RESOURCE"
assert_contains error 'process.rlimits[1]' "$stderr"
assert_contains error CAP_SYS_RESOURCE "$stderr"
