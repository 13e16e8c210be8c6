#!/bin/bash
# dockerd runs, changes and builds containers on the runtime, by both of its cgroup drivers.
# vm: lane=full suites=bookworm,sid kernels=any runtimes=brig,crun timeout=900 quick=bookworm
. "$(dirname "$0")/lib.sh"
. "$here/docker-lib.sh"
. "$here/docker-process.sh"
. "$here/docker-isolation.sh"
. "$here/docker-build.sh"

# ---- Steps about the daemon ------------------------------------------------------------------------

info() {
  equals "$runtime_name systemd 2" "$(docker info -f '{{.DefaultRuntime}} {{.CgroupDriver}} {{.CgroupVersion}}')"
  contains "$runtime_name" "$(docker info -f '{{range $name, $_ := .Runtimes}}{{$name}} {{end}}')"
}

# dockerd keeps the network namespace of the host's network.
docker_mounts() { mount_points | grep -v '^/run/docker/netns/default$'; }

live_restore() {
  local before
  before=$(docker inspect -f '{{.State.Pid}}' main)
  systemctl restart docker
  equals "running $before" "$(docker inspect -f '{{.State.Status}} {{.State.Pid}}' main)"
  docker exec main true
  docker kill main
  equals 137 "$(docker wait main)"
  docker rm main
}

no_leftovers() {
  docker ps -aq | xargs -r docker rm -f >/dev/null
  docker volume prune -f >/dev/null
  equals '' "$(find /run/docker/runtime-*/moby /run/containerd/runc/moby -mindepth 1 -maxdepth 1 ! -name '.*' 2>/dev/null)" "states left"
  equals '' "$(pgrep -f 'containerd-shim-runc-v2 -namespace moby' || true)" "shims left"
  gone mounts "$mounts_before" docker_mounts
  equals '' "$(systemctl list-units --all --no-legend 'docker-*.scope')" "units left"
  # dockerd's parents of cgroups stay: the test makes none with others.
  rmdir /sys/fs/cgroup/docker/buildkit /sys/fs/cgroup/docker 2>/dev/null || true
  systemctl stop test.slice
  gone cgroups "$cgroups_before" cgroup_folders
}

# ---- The other cgroup driver, and a user namespace for all containers --------------------------------

cgroupfs_driver() {
  equals cgroupfs "$(docker info -f '{{.CgroupDriver}}')"
  start main --memory 64m
  equals "/docker/$(docker inspect -f '{{.Id}}' main)" "$(cut -d : -f 3 "/proc/$(pid_of main)/cgroup")"
  equals 67108864 "$(in_cgroup main memory.max)"
  docker update --memory 128m --memory-swap -1 main
  equals 134217728 "$(in_cgroup main memory.max)"
  docker pause main
  docker unpause main
  docker exec main true
}

remapped() {
  local seen
  seen=$(docker run --rm -v /var/tmp:/host $image sh -c 'id -u; awk "{print \$2}" /proc/self/uid_map; stat -c %u /etc/greeting
    touch /host/new 2>/dev/null || chmod 600 /host 2>/dev/null || echo "not the owner"; stat -c %u /dev/null /proc/1')
  contains $'0\n'"$(awk -F : '$1 == "dockremap" {print $2}' /etc/subuid)"$'\n0' "$seen"
  docker exec main sh -c 'id -u; cat /etc/greeting; mount | grep -q " /sys/fs/cgroup "'
  equals "$(awk -F : '$1 == "dockremap" {print $2}' /etc/subuid)" "$(stat -c %u "/proc/$(pid_of main)")" "owner of the process"
  docker run --rm --userns host --privileged $image sh -c 'mount -t tmpfs none /mnt'
  docker rm -f main
}

# ---- The script ------------------------------------------------------------------------------------

subject docker "$(dockerd --version | sed 's/.*version \([^+, ]*\).*/\1/')"
install_runtime
make_image $engines_work/bb.tar docker.io/library/bb:latest
replace_file /etc/docker/daemon.json < <(snippet docker/daemon.json)
replace_file /etc/systemd/system/docker.service.d/buildkit.conf < <(snippet docker/buildkit.conf)
at_end "systemctl daemon-reload"
# The commands that the snippet's comment tells to run.
rm -rf "/usr/local/lib/$runtime_name"
snippet docker/buildkit.conf | sed -n 's/^#   //p' | sh -e
replace_file /etc/default/docker <<<'DOCKER_OPTS=--live-restore'
systemctl daemon-reload
cgroups_before=$(cgroup_folders)
start_service containerd docker.socket docker || exit 1
docker load -qi $engines_work/bb.tar || exit 1
mounts_before=$(docker_mounts)

step "docker info names the runtime" info
start main --hostname box --ipc shareable || exit 1
process_steps
isolation_steps
build_steps
step "a restart of dockerd keeps the container" live_restore
step "no leftovers" no_leftovers
# What is left where only some of the steps were wanted.
docker ps -aq | xargs -r docker rm -f >/dev/null

echo 'DOCKER_OPTS="--exec-opt native.cgroupdriver=cgroupfs --userns-remap=default"' >/etc/default/docker
systemctl restart docker || exit 1
docker load -qi $engines_work/bb.tar || exit 1
subject "docker cgroupfs, userns-remap" "$subject_version"
step "cgroupfs driver: limits, update, pause" cgroupfs_driver
step "userns-remap" remapped
docker ps -aq | xargs -r docker rm -f >/dev/null
finish_steps
