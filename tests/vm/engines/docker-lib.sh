# shellcheck shell=bash
# Containers of dockerd, for docker.sh and its parts.
# shellcheck disable=SC2034 # the variables are those of the script that sources this

image=bb

# start NAME OPTION...: a container for other steps to look at.
start() {
  local container=$1
  shift
  docker run -d --name "$container" "$@" $image sh -c 'trap "exit 0" TERM; while :; do sleep 1; done' >/dev/null
}

# state_of CONTAINER FIELD
state_of() { docker inspect -f "{{.State.$2}}" "$1"; }
is_state() { [ "$(state_of "$1" "$2")" = "$3" ]; }
pid_of() { state_of "$1" Pid; }
# in_cgroup CONTAINER FILE: prints the file of the container's cgroup.
in_cgroup() { cat "/sys/fs/cgroup$(cut -d : -f 3 "/proc/$(pid_of "$1")/cgroup")/$2"; }

# status_of COMMAND...: sets $status and $output (both streams).
status_of() {
  status=0
  output=$("$@" 2>&1) || status=$?
}

# Docker 20.10 knows of 38 capabilities. Reads /proc/self/status.
has_all_capabilities() { [ $((0x$(awk '$1 == "CapEff:" {print $2}') & 0x3fffffffff)) = $((0x3fffffffff)) ]; }

# with_terminal COMMAND: as a person at a terminal gives it.
with_terminal() { script -qec "$1" /dev/null | tr -d '\r'; }
