#!/bin/bash
# process.oomScoreAdj is set exactly when it is given; lowering it without the right to is an error.
. "$(dirname "$0")/lib.sh"
need_root

make_bundle oom
before=$(</proc/self/oom_score_adj)
run_shell oom 'cat /proc/self/oom_score_adj'
assert_eq "when unset" "$before" "$stdout"
edit_config '.process.oomScoreAdj = 777'
succeed brig run --bundle "$BUNDLE" oom
assert_eq "when set" 777 "$stdout"
assert_eq "of the caller" "$before" "$(</proc/self/oom_score_adj)"

edit_config '.process.oomScoreAdj = -500'
capture setpriv --bounding-set -sys_resource --inh-caps -sys_resource \
  "$RUNTIME" --root "$ROOT" run --bundle "$BUNDLE" oom
[ $status != 0 ] || fail "the score was lowered without CAP_SYS_RESOURCE"
assert_contains error process.oomScoreAdj "$stderr"
assert_contains error CAP_SYS_RESOURCE "$stderr"
edit_config '.process.oomScoreAdj = 1001'
refuse process.oomScoreAdj brig run --bundle "$BUNDLE" oom
