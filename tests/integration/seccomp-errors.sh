#!/bin/bash
# What linux.seccomp cannot mean is an error that names its place; unknown call names are skipped.
. "$(dirname "$0")/lib.sh"
need_root

make_bundle bad '.process.args = ["true"]'
edit_config '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["call_of_tomorrow"], action: "SCMP_ACT_KILL"}]}'
succeed brig run --bundle "$BUNDLE" bad
cp "$BUNDLE/config.json" good.json
while read -r path filter; do
  cp good.json "$BUNDLE/config.json"
  edit_config "$filter"
  refuse "linux.seccomp.$path" brig create --bundle "$BUNDLE" bad
done <<'END'
defaultAction .linux.seccomp.defaultAction = "SCMP_ACT_NOSUCH"
defaultAction del(.linux.seccomp.defaultAction)
defaultErrnoRet .linux.seccomp.defaultErrnoRet = 5
architectures[1] .linux.seccomp.architectures = ["SCMP_ARCH_X86_64", "SCMP_ARCH_NOSUCH"]
flags[0] .linux.seccomp.flags = ["SECCOMP_FILTER_FLAG_NOSUCH"]
syscalls[0].action .linux.seccomp.syscalls[0].action = "KILL"
syscalls[0].names .linux.seccomp.syscalls[0].names = []
syscalls[0].errnoRet .linux.seccomp.syscalls[0].errnoRet = 5
syscalls[0].args[0].op .linux.seccomp.syscalls[0].args = [{index: 0, value: 1, op: "SCMP_CMP_NOSUCH"}]
syscalls[0].args[0].index .linux.seccomp.syscalls[0].args = [{index: 6, value: 1, op: "SCMP_CMP_EQ"}]
END
cp good.json "$BUNDLE/config.json"
for flag in SECCOMP_FILTER_FLAG_LOG SECCOMP_FILTER_FLAG_SPEC_ALLOW SECCOMP_FILTER_FLAG_TSYNC; do
  edit_config '.linux.seccomp.flags = [$flag]' --arg flag $flag
  succeed brig run --bundle "$BUNDLE" bad
done
# Without SCMP_ACT_NOTIFY the listener is ignored; with it, it must be there.
edit_config '.linux.seccomp.flags = [] | .linux.seccomp.listenerPath = "/nowhere"'
succeed brig run --bundle "$BUNDLE" bad
edit_config '.linux.seccomp.syscalls = [{names: ["mkdir"], action: "SCMP_ACT_NOTIFY"}]'
refuse 'linux.seccomp.listenerPath: connect to /nowhere' brig create --bundle "$BUNDLE" bad
edit_config 'del(.linux.seccomp.listenerPath)'
refuse linux.seccomp.listenerPath brig create --bundle "$BUNDLE" bad
