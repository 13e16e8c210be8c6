# shellcheck shell=bash
# What the scripts of this folder share. Started by root in a test machine, they go on as the user
# tester, who has subordinate ids, in a service of his manager: `as_tester "$0"` before anything else.
# DELEGATED=no: in a session to which no cgroup is delegated.
set -u
here=$(realpath "$(dirname "${BASH_SOURCE[0]}")")

# as_tester SCRIPT: returns only for the user.
as_tester() {
  local user runtime_folder rows status=0 passed
  [ "$(id -u)" = 0 ] || return 0
  user=$(id -u tester)
  runtime_folder=/run/user/$user
  until [ -S "$runtime_folder/systemd/private" ]; do sleep 0.2; done
  rows=$runtime_folder/rows.$$
  passed=(LANE="$LANE" RUNTIME="$RUNTIME" RESULTS="$rows" ONLY="${ONLY:-}" PATH="$PATH" DELEGATED="${DELEGATED:-yes}")
  install -o tester /dev/null "$rows"
  if [ "${DELEGATED:-yes}" = yes ]; then
    systemd-run -q --wait --pipe --user -M tester@ -p Delegate=yes "${passed[@]/#/-E}" bash "$1" || status=$?
  else
    setpriv --reuid "$user" --regid "$(id -g tester)" --init-groups env -i "${passed[@]}" USER=tester HOME=/home/tester \
      XDG_RUNTIME_DIR="$runtime_folder" bash "$1" || status=$?
  fi
  cat "$rows" >>"${RESULTS:-/dev/stdout}"
  rm -f "$rows"
  exit $status
}
as_tester "$0"

. "$here/../steps.sh"
. "$here/../containers.sh"
# On disk and in his home: other users have no business there.
work=$(mktemp -d "$HOME/rootless-test.XXXXXX")
rootfs=$work/rootfs
uid=$(id -u) gid=$(id -g)
mkdir -p "$rootfs"/{bin,dev,etc,proc,sys,root,tmp}
chmod 711 "$work"
chmod 1777 "$rootfs/tmp"
cp /bin/busybox "$rootfs/bin/"
for applet in $(busybox --list); do
  [ "$applet" = busybox ] || ln -s busybox "$rootfs/bin/$applet"
done
printf 'root:x:0:0:root:/root:/bin/sh\nuser:x:33:33:user:/tmp:/bin/sh\n' >"$rootfs/etc/passwd"

oci() { "$RUNTIME" --root "$work/root" "$@"; }
# What the runtime writes for a user, without the terminal.
mkdir "$work/spec"
(cd "$work/spec" && "$RUNTIME" spec --rootless && mv config.json terminal.json &&
  jq '.process.terminal = false | .root.readonly = false' terminal.json >config.json)

# bundle NAME TEXT [FILTER]: makes or replaces it: TEXT runs in a shell, the jq FILTER changes more.
bundle() {
  mkdir -p "$work/$1"
  jq --arg text "$2" --arg root "$rootfs" --argjson uid "$uid" --argjson gid "$gid" \
    '.root.path = $root | .process.args = ["/bin/sh", "-c", $text] | '"${3:-.}" \
    "$work/spec/config.json" >"$work/$1/config.json"
}
# runs NAME TEXT [FILTER]: runs it to its end; what it printed is in $out, as one line.
runs() {
  bundle "$@"
  out=$(oci run --bundle "$work/$1" "$1" 2>&1 </dev/null) || fail "run: $out"
  out=$(xargs <<<"$out")
}
# refused NAME TEXT [FILTER]: it does not come to exist; the error is in $out.
refused() {
  bundle "$@"
  if out=$(oci run --bundle "$work/$1" "$1" 2>&1 </dev/null); then fail "accepted: $out"; fi
  [ ! -e "$work/root/$1" ] || fail "state of $1 is left"
}
# started NAME TEXT [FILTER]: that container, running.
started() {
  bundle "$@"
  oci create --bundle "$work/$1" "$1" >"$work/$1/out" 2>&1 </dev/null || fail "create: $(cat "$work/$1/out")"
  oci start "$1"
}
pid_of() { oci state "$1" | jq .pid; }
# Mappings of many ids, as filters.
# shellcheck disable=SC2034 # scripts use it
many='.linux.uidMappings += [{containerID: 1, hostID: 100000, size: 65536}] | .linux.gidMappings += [{containerID: 1, hostID: 100000, size: 65536}]'
# shellcheck disable=SC2034
none='del(.linux.uidMappings, .linux.gidMappings) | del(.linux.namespaces[] | select(.type == "user"))'

# Called by `step`: each starts with nothing.
after_step() { delete_all; }
# Files may belong to subordinate ids.
trap 'delete_all; rm -rf --one-file-system "$work" 2>/dev/null || podman unshare rm -rf --one-file-system "$work"' EXIT
