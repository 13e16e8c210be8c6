#!/bin/bash
# Unknown properties are ignored at every level, as the spec's "Extensibility" wants; known ones of wrong values are not.
. "$(dirname "$0")/lib.sh"
need_root

make_bundle extended "$(shell_command 'echo ran')"
edit_config '
  def extend: if type == "object" then map_values(extend) + {"org.example.unknown": {deep: [1, {x: null}]}}
    elif type == "array" then map(extend) else . end;
  (.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["mkdir"], action: "SCMP_ACT_ERRNO"}]})
  | .annotations = {key: "value"} | .hooks = {prestart: [{path: "/bin/true"}]} | .process.rlimits += []
  | .linux.memoryPolicy = {mode: "MPOL_DEFAULT"}
  | .annotations as $kept | extend | .annotations = $kept'
succeed brig run --bundle "$BUNDLE" extended
assert_eq "output" ran "$stdout"
assert_eq "warnings" "" "$stderr"

# Nor does what is ignored without its partner hurt: a size without terminal, a listener without NOTIFY.
edit_config '.process.consoleSize = {height: 10, width: 20} | .linux.seccomp.listenerPath = "/nowhere"'
succeed brig run --bundle "$BUNDLE" extended

# A value that the spec does not have is an error with its place, and leaves nothing behind.
cp "$BUNDLE/config.json" good.json
while read -r path filter; do
  cp good.json "$BUNDLE/config.json"
  edit_config "$filter"
  refuse "$path" brig create --bundle "$BUNDLE" extended
done <<'END'
ociVersion .ociVersion = "1.0"
ociVersion del(.ociVersion)
annotations .annotations = {"": "x"}
process.rlimits[1] .process.rlimits = [{type: "RLIMIT_CORE", soft: 0, hard: 0}, {type: "RLIMIT_CORE", soft: 0, hard: 0}]
process.rlimits[0].type .process.rlimits = [{type: "RLIMIT_NOSUCH", soft: 0, hard: 0}]
process.cwd .process.cwd = "tmp"
process.args .process.args = []
hooks.prestart[0].path .hooks.prestart[0].path = "true"
hooks.poststop[0].timeout .hooks.poststop = [{path: "/bin/true", timeout: 0}]
linux.namespaces[1].type .linux.namespaces = [{type: "mount"}, {type: "mount"}]
linux.seccomp.syscalls[0].errnoRet .linux.seccomp.syscalls[0] |= (.action = "SCMP_ACT_KILL" | .errnoRet = 1)
linux.seccomp.defaultErrnoRet .linux.seccomp.defaultErrnoRet = 1
linux.seccomp.listenerMetadata .linux.seccomp |= (del(.listenerPath) | .listenerMetadata = "x")
linux.devices[0].path .linux.devices = [{path: "dev/x", type: "c", major: 1, minor: 3}]
linux.maskedPaths[0] .linux.maskedPaths = ["proc"]
linux.sysctl .linux.sysctl = {"vm.swappiness": "1"}
linux.timeOffsets .linux.timeOffsets = {monotonic: {secs: 1}}
linux.memoryPolicy.mode .linux.memoryPolicy.mode = "MPOL_NOSUCH"
linux.memoryPolicy.flags[0] .linux.memoryPolicy.flags = ["MPOL_F_NOSUCH"]
linux.netDevices .linux.netDevices = {"a/b": {}}
linux.intelRdt.memBwSchema .linux.intelRdt = {memBwSchema: "L3:0=f"}
linux.resources.memory.swap .linux.resources.memory = {limit: 2, swap: 1}
END
