#!/bin/bash
# Each hook reads the state on its standard input, and runs where runtime.md says, with its args and env.
. "$(dirname "$0")/lib.sh"
need_root

make_bundle state "$(shell_command 'exec sleep 1000')"
log=$BUNDLE/rootfs/log
mkdir -m 777 "$log"
# hook NAME FOLDER: keeps the state, its own arguments, environment, namespaces and pid.
edit_config 'def hook($name; $folder): {path: "/bin/sh", args: ["sh", "-c",
    "cat >\($folder)/\($name).state; { echo $0 $1; env; for n in pid mnt uts net; do readlink /proc/self/ns/$n; done; } >\($folder)/\($name).info",
    "zero", "one"], env: ["PATH=/bin:/usr/bin", "HOOK=\($name)"]};
  .annotations = {"org.example": "with \"quotes\" and / slash"} |
  .hooks = ((["prestart", "createRuntime", "createContainer", "poststart", "poststop"] | map({(.): [hook(.; $log)]}) | add) +
            {startContainer: [hook("startContainer"; "/log")]})' --arg log "$log"
succeed brig create --bundle "$BUNDLE" state
pid=$(container_pid state)
inside=$(for n in pid mnt uts net; do readlink "/proc/$pid/ns/$n"; done)
outside=$(for n in pid mnt uts net; do readlink /proc/self/ns/$n; done)
succeed brig start state
wait_until test -s "$log/poststart.info"
succeed brig delete --force state

for name in prestart createRuntime createContainer startContainer poststart poststop; do
  seen=$(<"$log/$name.state")
  assert_eq "$name: id" state "$(jq -r .id <<<"$seen")"
  assert_eq "$name: bundle" "$BUNDLE" "$(jq -r .bundle <<<"$seen")"
  assert_eq "$name: annotations" 'with "quotes" and / slash' "$(jq -r '.annotations["org.example"]' <<<"$seen")"
  assert_matches "$name: ociVersion" '^1\.' "$(jq -r .ociVersion <<<"$seen")"
  assert_eq "$name: one line" 1 "$(grep -c . <<<"$seen")"
  assert_contains "$name: args" "zero one" "$(<"$log/$name.info")"
  assert_contains "$name: env" "HOOK=$name" "$(<"$log/$name.info")"
done
status_of() { jq -r .status "$log/$1.state"; }
assert_eq "statuses" "creating creating creating created running stopped" \
  "$(for n in prestart createRuntime createContainer startContainer poststart poststop; do status_of $n; done | xargs)"
for name in prestart createRuntime poststart; do
  assert_eq "$name: pid" "$pid" "$(jq .pid "$log/$name.state")"
done
for name in prestart createRuntime poststart poststop; do
  assert_contains "$name runs in the runtime's namespaces" "$outside" "$(<"$log/$name.info")"
done
for name in createContainer startContainer; do
  assert_contains "$name runs in the container's namespaces" "$inside" "$(<"$log/$name.info")"
done
