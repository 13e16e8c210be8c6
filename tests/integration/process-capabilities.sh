#!/bin/bash
# The five sets of process.capabilities are the program's; one that cannot be had is a warning only.
. "$(dirname "$0")/lib.sh"
need_root

make_bundle caps '.process.noNewPrivileges = false | .process.capabilities = {
  bounding: ["CAP_CHOWN", "CAP_KILL", "CAP_NET_RAW"], permitted: ["CAP_CHOWN", "CAP_KILL"],
  effective: ["CAP_CHOWN"], inheritable: ["CAP_KILL"], ambient: ["CAP_KILL"]} |
  .process.user = {uid: 1000, gid: 1000}'
# A set without root: only the ambient set outlives the execution of a program.
run_shell caps 'grep ^Cap /proc/self/status'
caps() { sed -n "s/^Cap$1:[[:space:]]*0*//p" <<<"$stdout"; }
assert_eq "bounding" 2021 "$(caps Bnd)"
assert_eq "inheritable" 20 "$(caps Inh)"
assert_eq "ambient" 20 "$(caps Amb)"
assert_eq "permitted" 20 "$(caps Prm)"
assert_eq "effective" 20 "$(caps Eff)"
assert_eq warnings "" "$stderr"

# uid 0 gets the bounding set from the execution.
edit_config '.process.user = {uid: 0, gid: 0} | .process.capabilities =
  {bounding: ["CAP_CHOWN", "CAP_KILL"], permitted: ["CAP_CHOWN", "CAP_KILL"], effective: ["CAP_CHOWN", "CAP_KILL"]}'
succeed brig run --bundle "$BUNDLE" caps
assert_eq "bounding of root" 21 "$(caps Bnd)"
assert_eq "effective of root" 21 "$(caps Eff)"
assert_eq "inheritable of root" "" "$(caps Inh)"
assert_eq "ambient of root" "" "$(caps Amb)"

# None at all.
edit_config '.process.capabilities = {}'
succeed brig run --bundle "$BUNDLE" caps
assert_eq "no capabilities" "" "$(caps Bnd)$(caps Prm)$(caps Eff)$(caps Inh)$(caps Amb)"

edit_config '.process.capabilities = {bounding: ["CAP_KILL", "CAP_OF_TOMORROW"], permitted: ["CAP_KILL"], effective: ["CAP_KILL"]}'
succeed brig run --bundle "$BUNDLE" caps
assert_eq "effective beside an unknown one" 20 "$(caps Eff)"
assert_contains warning CAP_OF_TOMORROW "$stderr"
assert_contains warning process.capabilities "$stderr"

# One that the runtime itself does not hold.
edit_config '.process.capabilities = {bounding: ["CAP_KILL", "CAP_SYS_RESOURCE"],
  permitted: ["CAP_KILL", "CAP_SYS_RESOURCE"], effective: ["CAP_KILL", "CAP_SYS_RESOURCE"]}'
succeed setpriv --bounding-set -sys_resource --inh-caps -sys_resource \
  "$RUNTIME" --root "$ROOT" run --bundle "$BUNDLE" caps
assert_eq "effective beside one that is not held" 20 "$(caps Eff)"
assert_contains warning CAP_SYS_RESOURCE "$stderr"
