# shellcheck shell=bash
# Steps of podman about what a container is given: sourced by podman.sh and podman-rootless.sh.
# shellcheck disable=SC2016 # the containers' shells expand $
# shellcheck disable=SC2154 # the variables are those of the script that sources this

exit_code() { exits_with 7 bb -- 'exit 7'; }

not_found() {
  exits_with 127 pm run --rm --network none "$IMAGE" no-such-program
  contains no-such-program "$output"
}

not_executable() {
  exits_with 126 pm run --rm --network none "$IMAGE" /etc/plain-file
  contains "ermission denied" "$output"
}

standard_input() {
  echo "from descriptor 3" >"$work/descriptor"
  report=$(echo "from a pipe" | bb -i --preserve-fds 1 -- 'echo "stdin=$(cat)"; echo "three=$(cat <&3)"' 3<"$work/descriptor")
  has stdin "from a pipe"
  has three "from descriptor 3"
}

terminal() {
  report=$(in_terminal "podman ${CGROUP_MANAGER:+--cgroup-manager=$CGROUP_MANAGER} run --rm -it --network none \
    $IMAGE sh -c 'tty; $size_once_set; test -t 0 -a -t 1 -a -t 2 && echo terminal; stat -c %F /dev/console; exit 5'")
  for part in /dev/pts/0 "33 77" terminal "character special" status=5; do contains "$part" "$report"; done
}

# ---- One container with many options; the steps after it read its report ----------------------------

take_report() {
  echo '{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
    {"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 42}]}' >"$work/seccomp.json"
  mkdir -p "$work"/{ro,owned,lower}
  echo text | tee "$work"/{ro,owned,lower}/file >/dev/null
  echo -n swordfish | pm secret create "$runtime_name-secret" - >/dev/null
  bb --init --user user --group-add 2000 --workdir /var/tmp --hostname one --env A=b --umask 0027 \
    --ulimit nofile=100:200 --tz Asia/Tokyo --cap-drop all --cap-add net_raw --oom-score-adj 500 \
    --security-opt no-new-privileges --security-opt seccomp="$work/seccomp.json" \
    --security-opt mask=/etc/plain-file:/home --security-opt unmask=/proc/keys \
    --sysctl net.ipv4.ip_forward=1 --sysctl kernel.msgmax=5000 --read-only \
    --secret "$runtime_name-secret,target=word" --secret "$runtime_name-secret,type=env,target=WORD" \
    -v "$work/ro:/data/ro:ro" -v "$work/owned:/data/owned:U" -v "$work/lower:/data/overlay:O" \
    -v "$work/ro:/data/slave:ro,rslave" -v "$runtime_name-named:/data/named:U" \
    --tmpfs /data/small:size=1m,mode=1777 --mount type=tmpfs,destination=/data/copy,tmpcopyup \
    --device /dev/zero:/dev/mine:r -- '
      echo "ids=$(id -u):$(id -g)"; echo "groups=$(id -G)"; echo "cwd=$(pwd)"; echo "hostname=$(hostname)"
      echo "A=$A"; echo "HOME=$HOME"; echo "umask=$(umask)"; echo "nofile=$(ulimit -n):$(ulimit -Hn)"
      echo "zone=$(date +%Z)"; echo "oom=$(cat /proc/self/oom_score_adj)"; echo "init=$(tr "\0" " " </proc/1/cmdline)"
      sed -n "s/^\(CapBnd\|NoNewPrivs\|Seccomp\):[[:space:]]*/\1=/p" /proc/self/status
      echo "mkdir=$(mkdir /tmp/x 2>&1)"; echo "masked=$(cat /etc/plain-file)$(ls /home)"
      echo "kcore=$(wc -c </proc/kcore)"; echo "sysrq=$(echo 1 2>&1 >/proc/sysrq-trigger)"
      for path in /proc/keys /data/slave /; do
        echo "$path=$(awk -v path=$path "\$5 == path" /proc/self/mountinfo)"; done
      echo "forward=$(cat /proc/sys/net/ipv4/ip_forward)"; echo "msgmax=$(cat /proc/sys/kernel/msgmax)"
      echo "secret=$(cat /run/secrets/word) $WORD"; echo "root=$(touch /file 2>&1)"; touch /tmp/file && echo "tmp=ok"
      echo "ro=$(touch /data/ro/file 2>&1)"; echo "owned=$(stat -c %u:%g /data/owned/file)"
      touch /data/named/file && echo "named=ok"; echo "small=$(df -k /data/small | tail -n 1 | awk "{print \$2}")"
      echo "overlay=$(cat /data/overlay/file)"; echo "mine=$(head -c 3 /dev/mine | wc -c)"' >"$work/report"
  pm secret rm "$runtime_name-secret" >/dev/null
}

process_user() {
  report=$(<"$work/report")
  has ids 1000:1000
  has groups "1000 2000"
  has HOME /home
}
process_place() {
  report=$(<"$work/report")
  has cwd /var/tmp
  has hostname one
  has A b
  has umask 0027
  has zone JST
}
process_rights() {
  report=$(<"$work/report")
  has nofile 100:200
  has oom 500
  has CapBnd 0000000000002000
  has NoNewPrivs 1
}
process_init() {
  report=$(<"$work/report")
  contains init "$(seen init)"
}
process_seccomp() {
  report=$(<"$work/report")
  has Seccomp 2
  contains "No message of desired type" "$(seen mkdir)"
}
process_masks() {
  report=$(<"$work/report")
  has masked ""
  has kcore 0
  has /proc/keys ""
  contains "ead-only file system" "$(seen sysrq)"
}
process_sysctl() {
  report=$(<"$work/report")
  has forward 1
  has msgmax 5000
}
process_secret() {
  report=$(<"$work/report")
  has secret "swordfish swordfish"
}
files_read_only() {
  report=$(<"$work/report")
  contains "Read-only file system" "$(seen root)"
  has tmp ok
  contains "Read-only file system" "$(seen ro)"
  contains "master:" "$(seen /data/slave)"
}
files_volumes() {
  report=$(<"$work/report")
  has owned 1000:1000
  has named ok
  has overlay text
  has small 1024
}
files_device() {
  report=$(<"$work/report")
  has mine 3
}

# ---- Others -----------------------------------------------------------------------------------------

privileged() {
  report=$(bb --privileged -- 'sed -n "s/^\(CapEff\|Seccomp\):[[:space:]]*/\1=/p" /proc/self/status
    echo "sys=$(awk "\$5 == \"/sys\" {print \$6}" /proc/self/mountinfo)"; test -c /dev/kmsg && echo "kmsg=there"
    echo "masks=$(awk "\$5 ~ \"^/proc/\"" /proc/self/mountinfo)"')
  has Seccomp 0
  has kmsg there
  has masks ""
  contains rw "$(seen sys)"
  [ "$(id -u)" != 0 ] || has CapEff "$(sed -n 's/^CapBnd:[[:space:]]*//p' /proc/self/status)"
}

limits() {
  report=$(bb --memory 64m --memory-swap 96m --cpus 0.5 --pids-limit 8 --cpuset-cpus 0 -- '
    cd /sys/fs/cgroup; for file in memory.max memory.swap.max cpu.max pids.max cpuset.cpus; do
      echo "$file=$(cat $file)"; done; echo "list=$(sed -n "s/Cpus_allowed_list:[[:space:]]*//p" /proc/self/status)"
    echo "forks=$(for i in 1 2 3 4 5 6 7 8 9; do sleep 2 & done 2>&1; true)"' 2>&1)
  has memory.max 67108864
  has memory.swap.max 33554432
  has cpu.max "50000 100000"
  has pids.max 8
  contains "can't fork" "$report"
  has cpuset.cpus 0
  has list 0
}

out_of_memory() {
  local container=$runtime_name-oom
  exits_with 137 run_shell --name "$container" --memory 16m --memory-swap 16m -- 'exec dd if=/dev/zero of=/dev/null bs=64M count=1'
  equals 137 "$(pm inspect -f '{{.State.ExitCode}}' "$container")"
}

no_cgroup() {
  equals "$(cut -d: -f3 /proc/self/cgroup)" "$(bb --cgroups=disabled --cgroupns=host -- 'cut -d: -f3 /proc/self/cgroup')"
}

host_namespaces() {
  local kind
  report=$(pm run --rm --network host --pid host --ipc host --uts host "$IMAGE" sh -c '
    for kind in pid ipc uts net mnt; do echo "$kind=$(readlink /proc/self/ns/$kind)"; done')
  for kind in pid ipc uts net; do has $kind "$(readlink /proc/self/ns/$kind)"; done
  [ "$(seen mnt)" != "$(readlink /proc/self/ns/mnt)" ] || fail "the mount namespace is shared"
}

# A published port, the way out, and a second container in the same network. PORT
network() {
  local container=$runtime_name-server
  pm run -d --name "$container" -p "127.0.0.1:$1:80" "$IMAGE" \
    sh -c 'mkdir /tmp/www; echo served >/tmp/www/index.html; exec httpd -f -p 80 -h /tmp/www' >/dev/null
  within 60 serves "$1"
  report=$(pm run --rm --network "container:$container" "$IMAGE" sh -c 'ip route; wget -qO- http://127.0.0.1/')
  contains default "$report"
  contains served "$report"
  pm rm -ft 0 "$container" >/dev/null
}
serves() { [ "$(busybox wget -qO- "http://127.0.0.1:$1/" 2>/dev/null)" = served ]; }

report_steps() {
  step "run: a container with many options" take_report
  step "run: --user, --group-add" process_user
  step "run: --workdir, --hostname, --env, --umask, --tz" process_place
  step "run: --ulimit, --oom-score-adj, capabilities, no-new-privileges" process_rights
  step "run: --init" process_init
  step "run: --security-opt seccomp" process_seccomp
  step "run: --security-opt mask, unmask" process_masks
  step "run: --sysctl" process_sysctl
  step "run: --secret" process_secret
  step "run: --read-only, --volume :ro, :rslave" files_read_only
  step "run: --volume :U, :O, named, --tmpfs" files_volumes
  step "run: --device" files_device
}

# PORT
process_steps() {
  step "run: exit code" exit_code
  step "run: a program that is not there is 127" not_found
  step "run: -it" terminal
  report_steps
  step "run: --privileged" privileged
  step "run: --memory, --cpus, --pids-limit, --cpuset-cpus" limits
  step "run: --cgroups=disabled" no_cgroup
  step "run: private network, published port, container:NAME" network "$1"
}
