#!/bin/bash
# linux.memoryPolicy: every mode and flag that this kernel has reaches the program and exec, as numa_maps shows it.
. "$(dirname "$0")/lib.sh"
need_root
[ -e /proc/self/numa_maps ] || skip "needs a kernel with NUMA"

make_bundle policy
# What the kernel prints of the policy: here of the stack, for which no program sets its own.
show='sed -n "s/^[^ ]* \(.*\) stack .*/\1/p" /proc/self/numa_maps'
# shows EXTENDED_REGEX POLICY
shows() {
  edit_config ".linux.memoryPolicy = $2"
  run_shell policy "$show"
  assert_matches "$2" "^$1\$" "$stdout"
}
shows default '{mode: "MPOL_DEFAULT"}'
shows default '{mode: "MPOL_DEFAULT", nodes: "", flags: []}'
shows bind:0 '{mode: "MPOL_BIND", nodes: "0"}'
shows interleave:0 '{mode: "MPOL_INTERLEAVE", nodes: "0-3,7"}'
shows prefer:0 '{mode: "MPOL_PREFERRED", nodes: "0"}'
shows local '{mode: "MPOL_PREFERRED"}'
shows local '{mode: "MPOL_LOCAL"}'
shows bind=static:0 '{mode: "MPOL_BIND", nodes: "0", flags: ["MPOL_F_STATIC_NODES"]}'
shows bind=relative:0 '{mode: "MPOL_BIND", nodes: "0", flags: ["MPOL_F_RELATIVE_NODES"]}'
release=$(uname -r | cut -d. -f1,2)
newer_than() { [ "$(printf '%s\n%s\n' "$1" "$release" | sort -V | head -n 1)" = "$1" ]; }
if newer_than 5.15; then shows 'prefer \(many\):0' '{mode: "MPOL_PREFERRED_MANY", nodes: "0"}'; fi
if newer_than 6.9; then shows 'weighted interleave:0' '{mode: "MPOL_WEIGHTED_INTERLEAVE", nodes: "0"}'; fi
shows 'bind(=balancing)?:0' '{mode: "MPOL_BIND", nodes: "0", flags: ["MPOL_F_NUMA_BALANCING"]}'

# exec has it too; without the property the caller's stays.
edit_config '.linux.memoryPolicy = {mode: "MPOL_BIND", nodes: "0", flags: ["MPOL_F_STATIC_NODES"]}'
edit_config "$(shell_command 'exec sleep 1000')"
start_container policy
succeed brig exec policy sh -c "$show"
assert_eq "of exec" bind=static:0 "$stdout"
succeed brig delete --force policy

# A node that is not there; what the kernel would refuse without a word.
edit_config '.linux.memoryPolicy = {mode: "MPOL_BIND", nodes: "900"}'
refuse 'the kernel refuses MPOL_BIND with nodes [900]' brig run --bundle "$BUNDLE" policy
edit_config '.linux.memoryPolicy = {mode: "MPOL_BIND", nodes: "0-"}'
refuse linux.memoryPolicy.nodes brig run --bundle "$BUNDLE" policy
