#!/bin/bash
# A create that fails, wherever it does, leaves no process, cgroup, state or pid file.
. "$(dirname "$0")/lib.sh"
need_root

make_bundle fails '.process.args = ["true"]'
cp "$BUNDLE/config.json" original.json
while read -r filter; do
  cp original.json "$BUNDLE/config.json"
  edit_config "$filter"
  capture brig create --bundle "$BUNDLE" --pid-file "$WORK/pid" fails
  [ $status = 1 ] || fail "status $status of create with $filter"
  assert_eq "lines of the error of $filter" 1 "$(grep -c . <<<"$stderr")"
  assert_eq "$filter: state" "" "$(ls -A "$ROOT")"
  assert_eq "$filter: cgroups" "" "$(list_cgroups)"
  [ ! -e pid ] || fail "$filter: a pid file"
  wait_until no_processes
done <<'END'
.ociVersion = "9.0.0"
.mounts += [{destination: "/x", source: "/no/such", options: ["bind"]}]
.mounts += [{destination: "/x", type: "ext4", source: "/dev/null"}]
.process.cwd = "/etc/passwd"
.linux.sysctl = {"net.no.such": "1"}
.linux.devices = [{path: "/etc/passwd", type: "c", major: 1, minor: 3}]
.hooks = {createContainer: [{path: "/bin/false"}]}
.linux.namespaces += [{type: "ipc", path: "/no/such"}]
.process.rlimits = [{type: "RLIMIT_NOFILE", soft: 9999999999, hard: 9999999999}]
.root.path = "nosuch"
END
# The same id can then be used.
cp original.json "$BUNDLE/config.json"
succeed brig create --bundle "$BUNDLE" fails
succeed brig delete --force fails
