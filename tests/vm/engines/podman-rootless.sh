#!/bin/bash
# Podman of an ordinary user, under his own systemd with delegated cgroups, on the runtime under test.
# vm: lane=full suites=any timeout=600 quick=bookworm
# shellcheck source=tests/vm/engines/podman-lib.sh
. "$(dirname "$0")/podman-lib.sh"
. "$here/podman-process.sh"
. "$here/podman-life.sh"

if [ "$(id -u)" = 0 ]; then
  prepare_podman
  run_as_tester
  exit
fi

in_user_slice() {
  report=$(bb --cgroupns host -- 'cat /proc/self/cgroup')
  contains "/user.slice/user-$(id -u).slice/user@$(id -u).service/" "$report"
  contains libpod- "$report"
}

# keep-id: the user is himself in the container too; a file that he makes is his outside.
kept_id() {
  report=$(bb --userns keep-id -- 'echo "ids=$(id -u):$(id -g)"; touch /share/kept')
  has ids "$(id -u):$(id -g)"
  equals "$(id -u):$(id -g)" "$(stat -c %u:%g "$work/kept")" "owner of the file"
}

# nomap: the user himself has no id there, so the container's root is another one of his.
no_map() {
  report=$(run_shell --rm --userns nomap -- 'cat /proc/self/uid_map')
  lacks " $(id -u) " "$report"
}

own_maps() { equals "0 1 1000" "$(bb --uidmap 0:1:1000 --gidmap 0:1:1000 -- 'cat /proc/self/uid_map' | xargs)"; }

# keep-groups: the folder of a group that the container cannot name stays open to its process.
kept_groups() {
  contains 65534 "$(bb --group-add keep-groups -- 'id -G')"
}

start_podman " rootless"
inside() { process_steps 8081; }
around() {
  step "run: the user's slice" in_user_slice
  step "run: --userns keep-id" kept_id
  step "run: --userns nomap" no_map
  step "run: --uidmap, --gidmap" own_maps
  step "run: --group-add keep-groups" kept_groups
  exec_steps
  life_steps
}
at_once inside around
finish_steps
