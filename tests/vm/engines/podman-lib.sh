# shellcheck shell=bash
# What the scripts of podman and buildah share, as root and as an ordinary user.
#
#   start_podman [KIND]         podman runs on the runtime under test, configured by contrib/engines
#   pm COMMAND...               podman; with the cgroup manager $CGROUP_MANAGER when that is set
#   bb [OPTION...] -- TEXT      runs TEXT in a shell of a new container that goes when it ends
#   background NAME [OPTION...] -- TEXT     the same in a container that goes on
#   at_once FUNCTION...         runs functions that have steps side by side; the order of their rows varies
#
# Podman itself takes most of the time of a step (it starts twice for each container), so one container
# shows many options, and what can be seen from outside is not asked of podman. Containers share the
# folder $work with the script as /share: they write there what they see.
# shellcheck source=tests/vm/engines/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

IMAGE=docker.io/library/bb:latest
archive=$engines_work/podman.tar
work=/run/podman-test/$(id -un)
export STEP_DEADLINE=${STEP_DEADLINE:-200}
output='' report=''

# What root does for all users: the runtime and the image's archive.
prepare_podman() {
  install_runtime
  make_image "$archive" "$IMAGE"
}

start_podman() {
  local configuration=/etc/containers
  runtime_path=${runtime_path:-$RUNTIME}
  export XDG_RUNTIME_DIR=${XDG_RUNTIME_DIR:-/run/user/$(id -u)}
  [ "$(id -u)" = 0 ] || configuration=$HOME/.config/containers
  mkdir -p "$work"
  # Files of a container's users are not the caller's own.
  if [ "$(id -u)" = 0 ]; then at_end "rm -rf '$work'"; else at_end "podman unshare rm -rf '$work'"; fi
  replace_file "$configuration/containers.conf.d/10-brig.conf" < <(snippet podman/containers.conf)
  at_end 'podman rm --all --force --time 0 >/dev/null 2>&1'
  at_end 'podman pod rm --all --force --time 0 >/dev/null 2>&1'
  subject "podman${1:-}" "$(podman version -f '{{.Client.Version}}')"
  podman image exists $IMAGE || podman load -q -i "$archive"
}

# Starts the calling script again as the user tester, with the environment of a login: his service
# manager gives it a unit of its own with delegated cgroups. He cannot read what is under /root, so he
# gets a copy. His service manager starts again once, so that he is in a group that the mappings of his
# containers do not know.
run_as_tester() {
  local copy=$engines_work/tester results=$RESULTS
  mkdir -p "$copy"
  cp -a "$top_folder/tests" "$top_folder/contrib" "$copy/"
  chown -R tester: "$copy"
  if ! id -nG tester | grep -qw games; then
    usermod -aG games tester
    systemctl restart "user@$(id -u tester).service"
  fi
  install -d -o tester /run/podman-test
  RESULTS=$copy/results
  install -o tester /dev/null "$RESULTS"
  systemd-run --quiet --wait --pipe --user -M tester@ -p Delegate=yes --setenv=RUNTIME="$RUNTIME" --setenv=LANE="$LANE" \
    --setenv=RESULTS="$RESULTS" --setenv=ONLY="${ONLY:-}" --setenv=runtime_path="$runtime_path" \
    --setenv=CGROUP_MANAGER="${CGROUP_MANAGER:-}" --setenv=STEP_DEADLINE="${STEP_DEADLINE:-}" \
    bash "$copy/tests/vm/engines/${0##*/}"
  local status=$?
  cat "$RESULTS" >>"$results"
  return $status
}

pm() { podman ${CGROUP_MANAGER:+--cgroup-manager=$CGROUP_MANAGER} "$@"; }

# run_shell OPTION... -- TEXT
run_shell() {
  local options=()
  while [ "$1" != -- ]; do options+=("$1") && shift; done
  pm run --network none --pull never -v "$work:/share" "${options[@]}" "$IMAGE" sh -c "$2"
}
bb() { run_shell --rm "$@"; }
background() {
  local container=$runtime_name-$1
  shift
  run_shell -d --name "$container" --pidfile "$work/$container.pid" "$@" >/dev/null
}

# exits_with STATUS COMMAND...: sets $output to what it printed.
exits_with() {
  local expected=$1 status=0
  shift
  output=$("$@" 2>&1) || status=$?
  [ "$status" = "$expected" ] || fail "expected status $expected, seen $status: $output"
}

# seen KEY: the value of the line KEY=VALUE in $report; has KEY VALUE: it is this one.
seen() { awk -v key="$1=" 'index($0, key) == 1 {print substr($0, length(key) + 1)}' <<<"$report"; }
has() { equals "$2" "$(seen "$1")" "$1"; }

holds() { grep -qs -- "$2" "$1"; } # FILE TEXT

# cgroup_file CONTAINER FILE: a file of the cgroup of its first process, read from outside.
cgroup_file() { cat "/sys/fs/cgroup$(cut -d: -f3 "/proc/$(<"$work/$runtime_name-$1.pid")/cgroup")/$2"; }

# in_terminal COMMAND: a shell command under a new terminal of 33 rows and 77 columns.
in_terminal() { script -qec "stty rows 33 cols 77; $1; echo status=\$?" /dev/null </dev/null | tr -d '\r'; }

# What a shell in a container says of its terminal's size: Podman sets it when the process may already run.
# shellcheck disable=SC2034 # scripts use it
size_once_set='for i in $(seq 100); do [ "$(stty size)" = "0 0" ] || break; sleep 0.1; done; stty size'

# shellcheck disable=SC2030,SC2031 # each part counts its own
at_once() {
  local part parts=()
  for part; do
    (
      end_commands=() steps_failed=0
      "$part"
      exit $steps_failed
    ) &
    parts+=($!)
  done
  for part in "${parts[@]}"; do
    wait "$part" || steps_failed=$((steps_failed + 1))
  done
}
