#!/bin/bash
# Buildah as root and as an ordinary user on the runtime under test: working containers and builds.
# vm: lane=full suites=any timeout=600 quick=bookworm
# shellcheck source=tests/vm/engines/podman-lib.sh
. "$(dirname "$0")/podman-lib.sh"
# shellcheck disable=SC2016 # the containers' shells expand $

# One working container for all steps: its name.
from_image() { buildah from --pull-never --name "$runtime_name-work" "$IMAGE"; }

running() {
  report=$(buildah run --isolation oci --network none --user user --workingdir /var/tmp --env A=b --hostname one \
    -v "$work:/share:ro" "$runtime_name-work" -- sh -c 'echo "ids=$(id -u):$(id -g)"; echo "cwd=$(pwd)"; echo "A=$A"
    echo "hostname=$(hostname)"; echo "share=$(touch /share/x 2>&1)"; echo "seccomp=$(grep -c "Seccomp:.2" /proc/self/status)"')
  has ids 1000:1000
  has cwd /var/tmp
  has A b
  has hostname one
  contains "Read-only file system" "$(seen share)"
}

statuses() {
  exits_with 7 buildah run --isolation oci --network none "$runtime_name-work" -- sh -c 'exit 7'
  exits_with 1 buildah run --isolation oci --network none "$runtime_name-work" -- no-such-program
  contains no-such-program "$output"
}

with_terminal() {
  report=$(in_terminal "buildah run --isolation oci --network none -t $runtime_name-work -- sh -c 'tty; echo done'")
  contains /dev/pts/ "$report"
  contains status=0 "$report"
}

# Without a runtime: to tell a defect of the image or the machine from one of the runtime.
chroot_isolation() { equals 0 "$(buildah run --isolation chroot "$runtime_name-work" -- id -u)"; }

kept_groups() {
  local container
  container=$(buildah from --pull-never --group-add keep-groups "$IMAGE")
  contains 65534 "$(buildah run --isolation oci --network none "$container" -- id -G)"
  buildah rm "$container" >/dev/null
}

committing() {
  buildah run --isolation oci --network none "$runtime_name-work" -- sh -c 'echo made >/made'
  buildah config --cmd 'cat /made' "$runtime_name-work"
  buildah commit -q --rm "$runtime_name-work" "localhost/$runtime_name-made" >/dev/null
  equals made "$(podman run --rm --network none "localhost/$runtime_name-made")"
}

building() {
  mkdir -p "$work/context"
  printf '%s\n' "FROM localhost/$runtime_name-made" 'RUN --mount=type=tmpfs,target=/scratch test "$(cat /made)" = made && touch /scratch/x' \
    'RUN --mount=type=cache,target=/var/cache/x,uid=1000 stat -c %u /var/cache/x >/owner' 'RUN test ! -e /scratch/x && test "$(cat /owner)" = 1000' \
    >"$work/context/Containerfile"
  buildah bud -q --isolation oci --layers --pull-never --network none --memory 64m --ulimit nofile=99:99 \
    -t "localhost/$runtime_name-built" "$work/context" >/dev/null
  printf '%s\n' "FROM localhost/$runtime_name-built" 'RUN exit 6' >"$work/context/Containerfile"
  buildah bud -q --isolation oci --pull-never --network none "$work/context" >"$work/build" 2>&1 && fail "a RUN that fails"
  contains "exit status 6" "$(<"$work/build")"
}

if [ "$(id -u)" = 0 ]; then
  prepare_podman
  run_as_tester || steps_failed=$((steps_failed + 1))
  start_podman ""
  kind=''
else
  start_podman ""
  kind=' rootless'
fi
at_end "buildah rm --all >/dev/null; podman rmi --force localhost/$runtime_name-made localhost/$runtime_name-built >/dev/null 2>&1"
version=$(buildah --version)
version=${version#* version }
subject "buildah$kind" "${version%% *}"
step "from" from_image
step "run: --user, --workingdir, --env, --hostname, --volume" running
step "run: exit status, a program that is not there" statuses
step "run: -t" with_terminal
step "run: --isolation chroot" chroot_isolation
if [ -n "$kind" ] && buildah from --help | grep -q group-add; then
  step "from: --group-add keep-groups" kept_groups
elif [ -n "$kind" ]; then
  no_step "from: --group-add keep-groups" "this buildah has no --group-add"
fi
step "commit" committing
step "bud: RUN with mounts, limits, a failing RUN" building
finish_steps
