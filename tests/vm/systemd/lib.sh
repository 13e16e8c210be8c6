# shellcheck shell=bash
# What the scripts of this folder share: bundles of one fixed configuration, so that every runtime is
# given the same, and questions to systemd.
#
# A container NAME has its bundle in $work/NAME and what its program prints in $work/NAME/out.
# As an unprivileged user, with MANAGER=user, the manager is the user's.
set -u
. "$(dirname "${BASH_SOURCE[0]}")/../steps.sh"
. "$(dirname "${BASH_SOURCE[0]}")/../containers.sh"

MANAGER=${MANAGER:-system}
work=$(mktemp -d "${XDG_RUNTIME_DIR:-/run}/systemd-test.XXXXXX")
chmod 755 "$work"
rootfs=$work/rootfs
mkdir -p "$rootfs"/{bin,dev,proc,sys/fs/cgroup,tmp}
cp /bin/busybox "$rootfs/bin/"
for applet in sh true false cat sleep echo ls dd mknod head tail grep mkdir; do
  ln -s busybox "$rootfs/bin/$applet"
done

# ociVersion 1.0.2 is the newest that all runtimes of bookworm take.
cat >"$work/config.json" <<'JSON'
{
  "ociVersion": "1.0.2",
  "process": {
    "user": {"uid": 0, "gid": 0}, "cwd": "/", "args": [],
    "env": ["PATH=/bin"], "noNewPrivileges": true,
    "capabilities": {"bounding": ["CAP_MKNOD"], "effective": ["CAP_MKNOD"], "permitted": ["CAP_MKNOD"]}
  },
  "root": {"path": "", "readonly": false},
  "mounts": [
    {"destination": "/proc", "type": "proc", "source": "proc"},
    {"destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "mode=755"]},
    {"destination": "/tmp", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "mode=1777"]},
    {"destination": "/sys/fs/cgroup", "type": "cgroup", "source": "cgroup", "options": ["nosuid", "noexec", "nodev", "ro"]}
  ],
  "linux": {
    "resources": {"devices": [{"allow": false, "access": "rwm"}]},
    "namespaces": [{"type": "pid"}, {"type": "ipc"}, {"type": "mount"}, {"type": "uts"}, {"type": "cgroup"}]
  }
}
JSON
if [ "$MANAGER" = user ]; then
  jq --argjson uid "$(id -u)" --argjson gid "$(id -g)" '.linux.namespaces += [{type: "user"}] | del(.linux.resources.devices) |
    .linux.uidMappings = [{containerID: 0, hostID: $uid, size: 1}] |
    .linux.gidMappings = [{containerID: 0, hostID: $gid, size: 1}]' "$work/config.json" >"$work/new"
  mv "$work/new" "$work/config.json"
fi

oci() { "$RUNTIME" --root "$work/root" --systemd-cgroup "$@"; }
ask() { if [ "$MANAGER" = user ]; then systemctl --user --no-pager "$@"; else systemctl --no-pager "$@"; fi; }

# bundle NAME CGROUPSPATH TEXT [FILTER]: makes or replaces the bundle NAME: TEXT runs in a shell, the
# jq FILTER changes the rest.
bundle() {
  mkdir -p "$work/$1"
  jq --arg path "$2" --arg text "$3" --arg root "$rootfs" '
    .linux.cgroupsPath = $path | .process.args = ["/bin/sh", "-c", $text] | .root.path = $root |
    '"${4:-.}" "$work/config.json" >"$work/$1/config.json"
}
create() { oci create --bundle "$work/$1" "$1" >"$work/$1/out" 2>&1 || fail "create: $(cat "$work/$1/out")"; }
# started NAME CGROUPSPATH TEXT [FILTER]: that container, running.
started() {
  bundle "$@"
  create "$1"
  oci start "$1"
}
# refused NAME TEXT: create fails with one line that contains TEXT and leaves no state.
refused() {
  if oci create --bundle "$work/$1" "$1" >"$work/$1/out" 2>&1; then fail "create of $1 succeeded"; fi
  contains "$2" "$(sed 's/\\"/"/g' "$work/$1/out")" "the error"
  [ ! -e "$work/root/$1" ] || fail "state of $1 is left"
}

# property UNIT NAME
property() { ask show -P "$2" "$1"; }
# folder UNIT: the folder of its cgroup.
folder() { echo "/sys/fs/cgroup$(property "$1" ControlGroup)"; }
# setting UNIT FILE: the text of a file of its cgroup.
setting() { cat "$(folder "$1")/$2"; }
# properties UNIT NAME VALUE...: each NAME has its VALUE.
properties() {
  local unit=$1
  shift
  while [ $# != 0 ]; do
    equals "$2" "$(property "$unit" "$1")" "$unit $1"
    shift 2
  done
}
# is UNIT NAME VALUE: whether the property has it now.
is() { [ "$(property "$1" "$2")" = "$3" ]; }
units() { ask list-units --all --plain --no-legend "$@"; }
# gone UNIT...: systemd knows no such unit any more, not even as failed.
gone() {
  local unit
  for unit; do
    equals "" "$(units "$unit")" "units"
    [ -z "$(find /sys/fs/cgroup -name "$unit")" ] || fail "the cgroup of $unit is left"
  done
}

# Called by `step`: each starts with nothing.
after_step() { delete_all; }
trap 'delete_all; ask stop "sdtest*.slice"; rm -rf --one-file-system "$work"' EXIT

subject "systemd $MANAGER" "$(systemctl --version | awk 'NR == 1 { print $2 }')"
