#!/bin/bash
# Podman as root on the runtime under test: what its users ask of it, with both cgroup managers.
# vm: lane=full suites=any timeout=600 quick=sid
# shellcheck source=tests/vm/engines/podman-lib.sh
. "$(dirname "$0")/podman-lib.sh"
. "$here/podman-process.sh"
. "$here/podman-life.sh"

runtime_is_known() {
  report=$(podman info -f '{{.Host.OCIRuntime.Name}} {{.Host.OCIRuntime.Path}} {{.Host.OCIRuntime.Version}}')
  contains "$runtime_name $runtime_path $runtime_name version" "$report"
}

# ---- Mounts and devices that only root has ----------------------------------------------------------

# A mount made in the container on a shared folder appears on the host, and one made on the host in it.
shared_propagation() {
  mkdir -p "$work/shared"
  mount -t tmpfs shared "$work/shared"
  mount --make-shared "$work/shared"
  mkdir -p "$work"/shared/{host,container}
  background shared --privileged -v "$work/shared:/shared:rshared" -- 'mount -t tmpfs made /shared/container
    touch /shared/container/here; until test -e /shared/host/here; do sleep 0.1; done; touch /share/both; umount /shared/container'
  within 60 test -e "$work/shared/container/here"
  mount -t tmpfs made "$work/shared/host"
  touch "$work/shared/host/here"
  within 60 test -e "$work/both"
  umount -R "$work/shared"
}

# On the image's own ext4: kernels before 6.3 have no idmapped tmpfs.
idmapped_volume() {
  local folder=/var/tmp/$runtime_name-idmap
  mkdir -p "$folder"
  touch "$folder/file"
  equals 0:0 "$(bb --uidmap 0:200000:5000 --gidmap 0:200000:5000 -v "$folder:/data:idmap" -- \
    'touch /data/new; stat -c %u:%g /data/file')" "owner in the container"
  equals 0:0 "$(stat -c %u:%g "$folder/new")" "owner on the host"
  equals 5:6 "$(bb -v "$folder:/data:idmap=uids=0-5-1;gids=0-6-1" -- 'stat -c %u:%g /data/file')" "explicit map"
  rm -r "$folder"
}

device_rules() {
  local disk
  disk=$(</sys/block/vda/dev)
  report=$(bb --cap-add mknod --device-cgroup-rule "b $disk r" -- "mknod /tmp/disk b ${disk/:/ }"'
    head -c 1 /tmp/disk >/dev/null && echo "read=ok"; echo "write=$({ : >>/tmp/disk; } 2>&1)"')
  has read ok
  contains "not permitted" "$(seen write)"
}

# The ranges belong to a user named containers, who must exist for newer libraries to find them.
automatic_user_namespace() {
  local file status=0
  for file in passwd group shadow subuid subgid; do cp -p /etc/$file "$work/$file"; done
  useradd --system --no-create-home containers
  echo containers:500000:1000000 | tee -a /etc/subuid >>/etc/subgid
  report=$(bb --userns auto:size=2000 -- 'cat /proc/self/uid_map' | xargs) || status=$?
  for file in passwd group shadow subuid subgid; do cp -p "$work/$file" /etc/$file; done
  equals "0 0 500000 2000" "$status $report"
}

# ---- Cgroups ----------------------------------------------------------------------------------------

# in_cgroup PART OPTION...
in_cgroup() {
  local part=$1
  shift
  report=$(bb --cgroupns host "$@" -- 'cat /proc/self/cgroup')
  contains "$part" "$report"
}

# The service's own cgroup holds the container, as a unit by `podman generate systemd` asks.
split_cgroup() {
  report=$(systemd-run --quiet --wait --pipe --unit "$runtime_name-split" -p Delegate=yes podman \
    ${CGROUP_MANAGER:+--cgroup-manager=$CGROUP_MANAGER} run --rm --network none --cgroupns host --cgroups split "$IMAGE" cat /proc/self/cgroup)
  contains "/system.slice/$runtime_name-split.service/libpod-payload-" "$report"
}

by_cgroupfs() {
  local CGROUP_MANAGER=cgroupfs
  in_cgroup /libpod_parent/libpod- --memory 64m
}
by_systemd() {
  local CGROUP_MANAGER=systemd
  in_cgroup /machine.slice/libpod- --memory 64m
  contains .scope "$report"
}
parent_cgroup() {
  if [ "${CGROUP_MANAGER:-systemd}" = systemd ]; then
    in_cgroup /made.slice/made-up.slice/libpod- --cgroup-parent made-up.slice
  else
    in_cgroup /made/up/libpod- --cgroup-parent /made/up
  fi
}

# ---- systemd in and around containers ---------------------------------------------------------------

systemds_files=(-v /usr:/usr:ro -v /usr/lib:/lib:ro -v /usr/lib64:/lib64:ro)

systemd_mounts() {
  report=$(bb --systemd=always -- 'for folder in /run /run/lock /tmp /sys/fs/cgroup; do
    echo "$folder=$(awk -v path=$folder "\$5 == path {print substr(\$6, 1, 2)}" /proc/self/mountinfo | tail -n 1)"; done
    mkdir /sys/fs/cgroup/sub && echo $$ >/sys/fs/cgroup/sub/cgroup.procs && echo "sub=$(cat /proc/self/cgroup)"
    echo "container=$container"')
  for folder in /run /run/lock /tmp /sys/fs/cgroup; do has $folder rw; done
  contains /sub "$(seen sub)"
  [ -n "$(seen container)" ] || fail "no variable named container"
}

# The machine's own systemd as first process: it starts one unit, which ends it with a status.
systemd_inside() {
  mkdir -p "$work/units"
  printf '%s\n' '[Unit]' DefaultDependencies=no '[Service]' Type=oneshot \
    'ExecStart=/bin/sh -c "cat /proc/self/cgroup >/share/cgroup; exec systemctl exit 3"' >"$work/units/probe.service"
  exits_with 3 run_shell --rm --systemd=always "${systemds_files[@]}" -v "$work/units:/etc/systemd/system:ro" -- \
    'exec /usr/lib/systemd/systemd --unit=probe.service'
  contains /system.slice/probe.service "$(<"$work/cgroup")"
}

# A service of Type=notify counts as started only when the program in the container says READY=1.
notify_from_container() {
  local unit=$runtime_name-notify
  systemd-run --quiet --unit "$unit" -p Type=notify -p NotifyAccess=all podman ${CGROUP_MANAGER:+--cgroup-manager=$CGROUP_MANAGER} \
    run --rm --name "$unit" --network none --sdnotify=container "${systemds_files[@]}" \
    "$IMAGE" sh -c '/usr/bin/systemd-notify --ready; exec sleep 1000'
  equals active "$(systemctl show -P ActiveState "$unit")"
  pm rm -ft 0 "$unit" >/dev/null
}

hooks() {
  local stage
  mkdir -p "$work/hooks"
  printf '#!/bin/sh\ncat >"$1.new"\nmv "$1.new" "$1"\n' >"$work/hook"
  chmod 755 "$work/hook"
  for stage in createRuntime poststop; do
    jq -n --arg path "$work/hook" --arg stage $stage --arg out "$work/hook-$stage" '{version: "1.0.0",
      hook: {path: $path, args: [$path, $out]}, when: {always: true}, stages: [$stage]}' >"$work/hooks/$stage.json"
  done
  equals ran "$(pm --hooks-dir "$work/hooks" run --rm --network none "$IMAGE" echo ran)"
  jq -e '.pid > 0 and .id != ""' "$work/hook-createRuntime" >/dev/null || fail "$(cat "$work/hook-createRuntime")"
  within 60 test -s "$work/hook-poststop"
}

events() {
  report=$(pm events --stream=false --since 1h --filter "container=$runtime_name-main" --format '{{.Status}}')
  for event in create init start exec pause unpause; do contains $event "$report"; done
}

around() {
  exec_steps
  step "top" processes
  step "cp" copying
  if [ "$runtime_name" = brig ]; then
    step "checkpoint: refused, the container goes on" no_checkpoint
  fi
  step "events" events
  step "run: --cgroup-manager cgroupfs" by_cgroupfs
  step "run: --cgroup-manager systemd" by_systemd
  step "run: --cgroup-parent" parent_cgroup
  step "run: --cgroups=split in a service" split_cgroup
  step "run: --systemd=always prepares the mounts" systemd_mounts
  step "run: --systemd=always with systemd as init" systemd_inside
  step "run: --sdnotify=container" notify_from_container
  step "run: --hooks-dir" hooks
  step "run: --volume :rshared" shared_propagation
  step "run: --uidmap, --volume :idmap" idmapped_volume
  step "run: --userns auto" automatic_user_namespace
}
inside() {
  process_steps 8080
  step "run: a file that is no program is 126" not_executable
  step "run: -i, --preserve-fds" standard_input
  step "run: --memory kills" out_of_memory
  step "run: --network, --pid, --ipc, --uts host" host_namespaces
  step "run: --device-cgroup-rule" device_rules
  life_steps
  step "create, start --attach" attaching
  step "restart policy" restarting
  step "play kube" kube_play
}

prepare_podman
start_podman ""
step "info" runtime_is_known
at_once around inside
finish_steps
