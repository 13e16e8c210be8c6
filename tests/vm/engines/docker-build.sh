# shellcheck shell=bash
# Steps of docker.sh about building images: the classic builder runs containers as any others, BuildKit
# calls a runtime itself, the one that contrib/engines/docker/buildkit.conf names.
# shellcheck disable=SC2086,SC2154 # the variables are those of the script that sources this

build_context() {
  rm -rf $engines_work/context
  mkdir -p $engines_work/context
  printf 'FROM %s\nUSER 1000\nWORKDIR /tmp\nRUN id -u >built && cat /etc/greeting >>built\n%s\nCMD cat /tmp/built\n' \
    "$image" "${1:-}" >$engines_work/context/Dockerfile
}

# built_image TAG: checks what the image prints, and removes it.
built_image() {
  equals $'1000\nhello from the image' "$(docker run --rm "$1")"
  docker rmi "$1" >/dev/null
}

classic_build() {
  build_context
  DOCKER_BUILDKIT=0 docker build -t classic $engines_work/context
  built_image classic
}

failing_build() {
  build_context 'RUN echo to the builder; exit 44'
  status_of env DOCKER_BUILDKIT=0 docker build -t failing $engines_work/context
  contains "returned a non-zero code: 44" "$output"
}

buildkit() {
  local pid
  build_context 'RUN sleep 3'
  DOCKER_BUILDKIT=1 docker build --progress plain -t buildkit $engines_work/context &
  # BuildKit stays the runtime's parent while the program runs.
  within 60 pgrep -f '^sleep 3$' >/dev/null
  pid=$(pgrep -of '(runc|crun|brig).* run .*--bundle')
  cmp "/proc/$pid/exe" "$runtime_path"
  wait $!
  built_image buildkit
}

failing_buildkit() {
  build_context 'RUN exit 44'
  status_of env DOCKER_BUILDKIT=1 docker build --progress plain -t failing $engines_work/context
  contains "exit code: 44" "$output"
}

build_steps() {
  step "build with the classic builder" classic_build
  step "a failing build with the classic builder" failing_build
  if [[ $subject_version == 20.* ]] || docker buildx version >/dev/null 2>&1; then
    step "build with BuildKit" buildkit
    step "a failing build with BuildKit" failing_buildkit
  else
    no_step "build with BuildKit" "this machine has no docker-buildx"
  fi
}
