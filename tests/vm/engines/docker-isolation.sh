# shellcheck shell=bash
# Steps of docker.sh about what a container sees, may do and may use.
# shellcheck disable=SC2086,SC2154 # the variables are those of the script that sources this

limits() {
  start limits --memory 64m --memory-reservation 32m --cpus 0.5 --pids-limit 50 --cpuset-cpus 0 \
    --device-read-bps /dev/vda:1mb --shm-size 2m --cgroup-parent test.slice
  equals "67108864 33554432" "$(in_cgroup limits memory.max) $(in_cgroup limits memory.low)" memory
  equals "50000 100000" "$(in_cgroup limits cpu.max)" cpu.max
  equals "50 0" "$(in_cgroup limits pids.max) $(in_cgroup limits cpuset.cpus)" "pids and cpuset"
  contains "rbps=1048576" "$(in_cgroup limits io.max)" io.max
  equals $'67108864\n1\n2048' "$(docker exec limits sh -c '
    cat /sys/fs/cgroup/memory.max; nproc; df -k /dev/shm | awk "NR == 2 {print \$2}"')" "seen inside"
  equals "/test.slice/docker-$(docker inspect -f '{{.Id}}' limits).scope" "$(cut -d : -f 3 "/proc/$(pid_of limits)/cgroup")"
  systemctl daemon-reload
  equals 67108864 "$(in_cgroup limits memory.max)" "memory.max after daemon-reload"
  docker exec limits sh -c 'echo >/dev/null && head -c 1 /dev/urandom >/dev/null'
  docker rm -f limits
}

oom_was_told() {
  docker events --since 10m --until "$(date +%s)" --filter container=oom --filter event=oom | grep -q oom
}
out_of_memory() {
  docker run -d --name oom --memory 16m $image sh -c "$out_of_memory_on_go; status=\$?
    until [ -e /told ]; do sleep 0.1; done; exit \$status"
  docker exec oom touch /go
  # dockerd 20.10 forgets an event that comes after the one about the end.
  within 30 oom_was_told
  docker exec oom touch /told
  equals 137 "$(docker wait oom)" "exit status"
  within 20 is_state oom OOMKilled true
  docker rm oom
}

too_many_processes() {
  contains "can't fork" "$(docker run --rm --pids-limit 5 $image sh -c 'for i in 1 2 3 4 5 6 7 8; do sleep 1 & done' 2>&1)"
}

read_only() {
  equals $'read-only\nwritable' "$(docker run --rm --read-only --tmpfs /scratch:size=1m $image sh -c '
    for folder in / /scratch; do touch $folder/new 2>/dev/null && echo writable || echo read-only; done')"
}

volumes() {
  mkdir -p $engines_work/bind
  echo from the host >$engines_work/bind/file
  equals $'read-only\nwritable\nfrom the host\nhello from the image' "$(docker run --rm \
    -v $engines_work/bind:/ro:ro -v $engines_work/bind:/rw -v things:/etc $image sh -c '
    for folder in /ro /rw; do touch $folder/new 2>/dev/null && echo writable || echo read-only; done
    cat /ro/file /etc/greeting; echo kept >/etc/kept')"
  equals kept "$(docker run --rm --mount type=volume,src=things,dst=/things $image cat /things/kept)" "a named volume"
  docker volume rm things
}

propagation() {
  mkdir -p $engines_work/shared
  mount --bind $engines_work/shared $engines_work/shared
  mount --make-shared $engines_work/shared
  start sharing --mount type=bind,src=$engines_work/shared,dst=/slave,bind-propagation=rslave \
    --mount type=bind,src=$engines_work/shared,dst=/private,bind-propagation=rprivate
  mkdir -p $engines_work/shared/below
  mount -t tmpfs none $engines_work/shared/below
  touch $engines_work/shared/below/file
  equals $'/slave/below/file' "$(docker exec sharing sh -c 'ls /slave/below/file /private/below/file 2>/dev/null || true')"
  umount $engines_work/shared/below $engines_work/shared
  docker rm -f sharing
}

privileged() {
  docker run --rm --privileged $image cat /proc/self/status | has_all_capabilities
  equals $'mounted\ndevice' "$(docker run --rm --privileged $image sh -c '
    mount -t tmpfs none /mnt && echo mounted; test -b /dev/vda && echo device')"
}

devices() {
  equals $'readable\nread-only' "$(docker run --rm --device /dev/vda:/dev/disk:r $image sh -c '
    head -c 1 /dev/disk >/dev/null && echo readable; (: >/dev/disk) 2>/dev/null || echo read-only')"
  equals made "$(docker run --rm --device-cgroup-rule 'c 1:11 rw' $image sh -c '
    mknod /dev/k c 1 11 && : >/dev/k && echo made')"
}

shared_namespaces() {
  local pid
  pid=$(pid_of main)
  namespaces() { for ns in pid net ipc; do readlink "/proc/$1/ns/$ns"; done; }
  equals "$(namespaces "$pid")" "$(docker run --rm --pid container:main --net container:main --ipc container:main $image sh -c '
    for ns in pid net ipc; do readlink /proc/self/ns/$ns; done')"
  equals "$(namespaces self)" "$(docker run --rm --pid host --net host --ipc host $image sh -c '
    for ns in pid net ipc; do readlink /proc/self/ns/$ns; done')"
  equals "$(readlink /proc/self/ns/uts) $(readlink /proc/self/ns/cgroup)" "$(docker run --rm --uts host --cgroupns host \
    $image sh -c 'echo $(readlink /proc/self/ns/uts) $(readlink /proc/self/ns/cgroup)')"
}

sysctls() {
  equals $'80\n1' "$(docker run --rm --sysctl net.ipv4.ip_unprivileged_port_start=80 --sysctl kernel.shm_rmid_forced=1 $image \
    cat /proc/sys/net/ipv4/ip_unprivileged_port_start /proc/sys/kernel/shm_rmid_forced)"
}

seccomp() {
  echo '{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO"}]}' \
    >$engines_work/seccomp.json
  equals "2 0 refused" "$(docker run --rm $image awk '/^Seccomp:/ {print $2}' /proc/self/status) $(docker run --rm \
    --security-opt seccomp=unconfined $image awk '/^Seccomp:/ {print $2}' /proc/self/status) $(docker run --rm \
    --security-opt seccomp=$engines_work/seccomp.json $image sh -c 'mkdir /tmp/new 2>/dev/null || echo refused')"
}

networks() {
  docker network create "net-$runtime_name" >/dev/null
  docker run -d --name server --network "net-$runtime_name" -p 8080:80 $image \
    sh -c 'while :; do echo "by the network" | nc -l -p 80; done' >/dev/null
  equals "by the network" "$(docker run --rm --network "net-$runtime_name" $image nc server 80)" "by name"
  equals "by the network" "$(timeout 5 bash -c 'exec 9<>/dev/tcp/127.0.0.1/8080; head -n 1 <&9')" "by a published port"
  equals lo "$(docker run --rm --network none $image ls /sys/class/net)" "--network none"
  docker rm -f server
  docker network rm "net-$runtime_name"
}

isolation_steps() {
  step "limits by systemd's unit, kept by daemon-reload" limits
  step "out of memory: 137 and OOMKilled" out_of_memory
  step "--pids-limit refuses" too_many_processes
  step "--read-only and --tmpfs" read_only
  step "volumes and binds" volumes
  step "propagation of binds" propagation
  step "--privileged" privileged
  step "--device and --device-cgroup-rule" devices
  step "namespaces of containers and of the host" shared_namespaces
  step "--sysctl" sysctls
  step "--security-opt seccomp" seccomp
  step "networks, names and ports" networks
}
