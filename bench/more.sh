# shellcheck shell=bash disable=SC2154 # the variables and functions are those of bench/run, which reads this file
# The other tables of `make bench TABLES=all`: what an engine or a node does beside starting one container.
# Each function prints one table.

# A part that is not timed comes behind "~" (time_commands.cc).

create_alone() { start_of "$1" create --bundle "$bundle" c; words '~'; start_of "$1" delete --force c; }
start_alone() {
  words '~'; start_of "$1" create --bundle "$bundle" c
  words +; start_of "$1" start c
  words '~'; start_of "$1" delete --force c
}
delete_alone() {
  words '~'; start_of "$1" create --bundle "$bundle" c
  words +; start_of "$1" delete --force c
}
kill_it() {
  words '~'; start_of "$1" create --bundle "$bundle" c
  words +; start_of "$1" kill c KILL
  words '~'; start_of "$1" delete --force c
}
each_alone() {
  measure create '' '' create_alone
  measure start '' '' start_alone
  measure delete '' '' delete_alone
  measure kill '' '' kill_it
}

# The filter is compiled anew each time; the others have theirs from their caches (crun) or compile it as always.
run_cold() {
  if [ "${1##*/}" = "${brig##*/}" ]; then words '~' rm -rf "/run/${1##*/}/.seccomp" +; fi
  run_it "$1"
}
cold_cache() { measure "run, filter not cached" 1 1 run_cold; }

# with_bundle NAME JQ_FILTER [FILE]: a bundle of its own, by default changed from the usual one.
with_bundle() {
  mkdir -p "$work/$1"
  jq --arg bundle "$bundle" --arg cgroup "$cgroup/c" "$2" "${3:-$bundle/config.json}" >"$work/$1/config.json"
}
run_bundle() { start_of "$1" run --bundle "$work/$variant" c; }
variant_table() {
  variant=$1
  with_bundle "$@"
  measure "run, $1" '' '' run_bundle
}
other_bundles() {
  local volumes='.mounts += [range(50) | {destination: "/volumes/\(.)", type: "bind", source: ($bundle + "/file"),
    options: ["rbind", "ro", "rprivate"]}]'
  variant_table "50 volumes" "$volumes"
  "$brig" spec --bundle "$work" && mv "$work/config.json" "$work/spec.json"
  variant_table "default spec" '.root.path = $bundle + "/rootfs" | .process.terminal = false | .ociVersion = "1.0.2"
    | .process.args = ["/bin/true"] | .linux.cgroupsPath = $cgroup' "$work/spec.json"
  variant_table "a pod's container" 'del(.hooks) | .root.path = $bundle + "/rootfs" | .process.args = ["/bin/true"]
    | (.mounts[] | select(.type == "bind")) |= (.source = if .destination == "/dev/shm" then "/dev/shm" else $bundle + "/file" end)
    | .process.terminal = false | .ociVersion = "1.0.2" | del(.linux.namespaces[].path, .linux.resources.memory, .linux.resources.cpu, .linux.resources.pids,
        .linux.resources.unified, .linux.resources.hugepageLimits, .process.apparmorProfile, .process.oomScoreAdj)
    | .linux.cgroupsPath = $cgroup' "$bench_folder/../tests/corpus/cri-systemd.config.json"
}

# As many containers as $parallel says at a time, each with a bundle of its own.
many() {
  local i
  for ((i = 1; i <= parallel; i++)); do
    [ "$i" = 1 ] || words '&'
    start_of "$1" run --bundle "$work/many/$i" "c$i"
  done
}
many_floors() {
  local i
  for ((i = 1; i <= parallel; i++)); do
    [ "$i" = 1 ] || words '&'
    words "${floor_run[@]/"$cgroup/c"/"$cgroup/c$i"}"
  done
}
parallel_starts() {
  local rounds=$((rounds / 4 + 5)) i floors
  for ((i = 1; i <= 32; i++)); do with_bundle "many/$i" ".linux.cgroupsPath = \"$cgroup/c$i\""; done
  for parallel in 8 32; do
    mapfile -t floors < <(many_floors)
    measure "$parallel runs at a time" 0.5 '' many floor "${floors[@]}"
  done
}

# 1,000 containers that wait for `start`, of each runtime in turn.
list_it() { start_of "$1" list -q; }
long_list() {
  local runtime i rounds=$((rounds / 10 + 1)) only
  for runtime in "$brig" "${peers[@]:1}"; do
    for ((i = 1; i <= 1000; i++)); do
      with_bundle list ".linux.cgroupsPath = \"$cgroup/${runtime##*/}-$i\" | .process.args = [\"/bin/true\"]"
      "$runtime" --root "/run/${runtime##*/}" create --bundle "$work/list" "l$i" </dev/null >/dev/null 2>&1
    done
  done
  only=("${peers[@]}")
  peers=("${peers[@]:1}")
  measure "list of 1,000" '' '' list_it
  peers=("${only[@]}")
  for runtime in "$brig" "${peers[@]:1}"; do
    for ((i = 1; i <= 1000; i++)); do "$runtime" --root "/run/${runtime##*/}" delete --force "l$i" >/dev/null 2>&1; done
  done
}

# The host's mounts are copied into every new mount namespace, and dropped there.
many_mounts() {
  local i
  mkdir "$work/mounts"
  mount -t tmpfs tmpfs "$work/mounts"
  for ((i = 0; i < 2000; i++)); do
    mkdir "$work/mounts/$i"
    mount --bind "$work/mounts" "$work/mounts/$i"
  done
  measure "run on a host with 2,000 mounts" 1 1 run_it floor "${floor_run[@]}"
  umount -R "$work/mounts"
}

# Nanoseconds of a getppid(2) under each runtime's filter for the same profile.
cost_of_a_call() {
  local runtime
  cp "$tools/calls" "$bundle/rootfs/bin/calls"
  with_bundle getppid '.process.args = ["/bin/calls"]'
  echo
  echo "getppid(2), nanoseconds"
  printf '  %-12s %s\n' "no filter" "$("$tools/calls")"
  for runtime in "$brig" "${peers[@]:1}"; do
    printf '  %-12s %s\n' "${runtime##*/}" "$("$runtime" --root "/run/${runtime##*/}" run --bundle "$work/getppid" c)"
  done
}
