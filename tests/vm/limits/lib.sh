# shellcheck shell=bash
# What the scripts of this folder share: bundles of one fixed configuration, so that every runtime is
# given the same, and the cgroup of a container. It brings the steps of ../steps.sh along.
#
# A container NAME has its bundle in $work/NAME, its cgroup in $slice/NAME, and what its program
# prints in $work/NAME/out. Whatever a step leaves behind goes before the next one starts.
#
# Environment: that of steps.sh, and
#              PROBE    tests/helpers/limits-probe, as `make check` builds it (default: where
#                       guest/scripts puts it, or build/)
set -u
vm_folder=$(dirname "${BASH_SOURCE[0]}")/..
# shellcheck source=tests/vm/steps.sh
. "$vm_folder/steps.sh"
# shellcheck source=tests/vm/containers.sh
. "$vm_folder/containers.sh"
top_folder=$(realpath "$vm_folder/../..")

work=$(mktemp -d /run/limits.XXXXXX)
slice=/sys/fs/cgroup/limits
rootfs=$work/rootfs
chmod 755 "$work"
mkdir -p "$rootfs"/{bin,dev,proc,sys/fs/cgroup,tmp}
cp /bin/busybox "$rootfs/bin/"
# One process, where contrib/make-rootfs takes one for each applet: they are slow under emulation.
chroot "$rootfs" /bin/busybox --install -s /bin
for probe in "${PROBE:-}" /run/brig/tests/helpers/limits-probe "$top_folder/build/tests/helpers/limits-probe"; do
  if [ -x "$probe" ]; then cp "$probe" "$rootfs/bin/probe"; break; fi
done
trap 'tidy; rm -rf --one-file-system "$work"' EXIT

# ociVersion 1.0.2 is the newest that all runtimes of bookworm take.
cat >"$work/config.json" <<'JSON'
{
  "ociVersion": "1.0.2",
  "process": {
    "user": {"uid": 0, "gid": 0}, "cwd": "/", "args": [], "noNewPrivileges": true,
    "env": ["PATH=/bin:/usr/bin"],
    "capabilities": {}
  },
  "root": {"path": "", "readonly": false},
  "mounts": [
    {"destination": "/proc", "type": "proc", "source": "proc"},
    {"destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "mode=755"]},
    {"destination": "/dev/pts", "type": "devpts", "source": "devpts", "options": ["newinstance", "ptmxmode=0666"]},
    {"destination": "/tmp", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "mode=1777"]},
    {"destination": "/sys/fs/cgroup", "type": "cgroup", "source": "cgroup", "options": ["nosuid", "noexec", "nodev", "ro"]}
  ],
  "linux": {
    "resources": {},
    "namespaces": [{"type": "pid"}, {"type": "ipc"}, {"type": "mount"}, {"type": "uts"}, {"type": "cgroup"}]
  }
}
JSON

# A filter that gives the container's root capabilities.
# shellcheck disable=SC2016,SC2034 # jq's variables; the scripts use it
all_capabilities='(["CAP_SYS_ADMIN","CAP_MKNOD","CAP_DAC_OVERRIDE","CAP_CHOWN","CAP_SYS_RESOURCE","CAP_KILL","CAP_SYS_NICE"]) as $all |
  .process.capabilities = {bounding: $all, effective: $all, permitted: $all}'

# The runtime under test.
oci() { "$RUNTIME" --root "$work/root" "$@"; }

# bundle NAME RESOURCES TEXT [FILTER]: makes or replaces the bundle NAME: linux.resources is the jq
# expression RESOURCES, TEXT runs in a shell, the jq FILTER changes the rest.
bundle() {
  mkdir -p "$work/$1"
  jq --arg text "$3" --arg rootfs "$rootfs" --arg path "/limits/$1" \
    ".process.args = [\"/bin/sh\", \"-c\", \$text] | .root.path = \$rootfs |
     .linux.cgroupsPath = \$path | .linux.resources = ($2) | ${4:-.}" \
    "$work/config.json" >"$work/$1/config.json"
}

# up NAME RESOURCES TEXT [FILTER]: a container that runs detached.
up() {
  bundle "$@"
  oci run --detach --bundle "$work/$1" "$1" >"$work/$1/out" 2>&1 || fail "$(cat "$work/$1/out")"
}

# run NAME RESOURCES TEXT [FILTER]: a container in the foreground; sets $status and $output.
# shellcheck disable=SC2034 # the scripts read them
run() {
  bundle "$@"
  status=0
  output=$(oci run --bundle "$work/$1" "$1" 2>&1) || status=$?
}

# refused TEXT NAME RESOURCES [FILTER]: creating NAME fails with one line that contains TEXT, and
# leaves nothing.
refused() {
  local text=$1
  shift
  bundle "$1" "$2" 'exec sleep 1000' "${3:-.}"
  ! oci create --bundle "$work/$1" "$1" >"$work/$1/out" 2>&1 || fail "it was accepted"
  one_line "$text" "$work/$1/out"
  [ ! -e "$slice/$1" ] || fail "$slice/$1 is left"
}

# one_line TEXT FILE: an error is one line, and contains TEXT.
one_line() {
  equals 1 "$(wc -l <"$2")" "lines of the error $(cat "$2")"
  contains "$1" "$(cat "$2")" "error"
}

# update NAME OPTION...; update_json NAME EXPRESSION: changes the limits of a container.
update() {
  local name=$1
  shift
  oci update "$@" "$name"
}
update_json() { jq -nc "$2" | oci update --resources - "$1"; }

# says NAME TEXT [SECONDS]: waits until the container's program has printed TEXT.
printed() { grep -q -- "$2" "$work/$1/out"; }
says() { within "${3:-20}" printed "$1" "$2"; }
output_of() { cat "$work/$1/out"; }

# value NAME FILE [KEY]: what the kernel has in a file of the container's cgroup.
value() {
  if [ $# = 2 ]; then
    cat "$slice/$1/$2"
  else
    awk -v key="$3" '$1 == key { print $2 }' "$slice/$1/$2"
  fi
}
# reads NAME FILE VALUE [FILE VALUE...]
reads() {
  local name=$1
  shift
  while [ $# != 0 ]; do
    equals "$2" "$(value "$name" "$1")" "$1 of $name"
    shift 2
  done
}
# more NUMBER THAN [WHAT]
more() { [ "$1" -gt "$2" ] || fail "${3:-value}: expected more than $2, seen $1"; }
less() { [ "$1" -lt "$2" ] || fail "${3:-value}: expected less than $2, seen $1"; }
# counted NAME FILE KEY: the kernel counted at least one such event.
counted() { more "$(value "$1" "$2" "$3")" 0 "$3 in $2 of $1"; }

# tidy: removes the containers and cgroups of this script.
tidy() {
  local end=$((SECONDS + 5))
  delete_all
  rm -rf "$work/root"
  rmdir "$slice" 2>/dev/null || [ ! -d "$slice" ] && return
  # What a failed step left.
  until rmdir_slice || [ $SECONDS -ge $end ]; do sleep 0.05; done
}
rmdir_slice() {
  find "$slice" -name cgroup.freeze -exec sh -c 'echo 0 >"$1"' - {} \; 2>/dev/null
  echo 1 >"$slice/cgroup.kill"
  find "$slice" -depth -type d -exec rmdir {} \; 2>/dev/null
  [ ! -d "$slice" ]
}

# Called by `step`: each starts with nothing.
after_step() { tidy; }
