# Makes a config.json that an engine wrote run here: host paths become local ones, and what this machine cannot give
# is taken out. Output: {config, notes}; every change but that of paths, ids and the program has a note.
#
# Variables: $rootfs $bundle $cgroup (strings), $sources (folder for bind sources), $holder (pid whose namespaces
# stand in), $controllers (list), $nofile $nproc (hard limits here), $program (array).

def has_controller(name): $controllers | index(name) != null;

def drop_resource(condition; path; note):
  if condition then del(path) | .notes += [note] else . end;

def lower(limit): if . > limit then limit else . end;

def limit_of(type): if type == "RLIMIT_NOFILE" then $nofile elif type == "RLIMIT_NPROC" then $nproc else null end;

# Sources that exist nowhere become local files and folders: a folder where the target is one on every Linux.
def local_source:
  if (.options // []) | any(. == "bind" or . == "rbind") then
    .source = $sources + (if .destination | test("^/(dev/shm|mnt)$") then "/folder" else "/file" end)
  else . end;

{config: ., notes: []}
| .config.root.path = $rootfs
| .config.process.args = $program
| if .config.process.terminal then .config.process.terminal = false | .notes += ["terminal off"] else . end
| .config.linux.cgroupsPath = $cgroup
| .config.mounts |= map(local_source)
| .config.linux.namespaces |= map(
    if .path then .path = "/proc/\($holder)/ns/" + ({network: "net"}[.type] // .type) else . end)
| if .config.hooks then .config.hooks |= map_values(map(.path = "/bin/true" | .args = ["true"])) | .notes += ["hooks run true"]
  else . end
| if .config.process.oomScoreAdj // 0 < 0 then del(.config.process.oomScoreAdj) | .notes += ["oomScoreAdj: needs CAP_SYS_RESOURCE"]
  else . end
| (.config.process.rlimits // []) as $before
| .config.process.rlimits |= ((. // []) | map(limit_of(.type) as $limit
    | if $limit == null then . else .hard |= lower($limit) | .soft |= lower($limit) end))
| if .config.process.rlimits != $before then .notes += ["rlimits lowered to this machine's"] else . end
| drop_resource((has_controller("memory") | not) and .config.linux.resources.memory.limit;
    .config.linux.resources.memory; "memory limits: no v2 controller")
| drop_resource((has_controller("cpu") | not) and
    (.config.linux.resources.cpu | (.shares // 0) != 0 or (.quota // 0) != 0);
    .config.linux.resources.cpu; "cpu limits: no v2 controller")
| drop_resource((has_controller("pids") | not) and .config.linux.resources.pids.limit;
    .config.linux.resources.pids; "pids limit: no v2 controller")
| drop_resource((has_controller("io") | not) and .config.linux.resources.blockIO.throttleReadBpsDevice;
    .config.linux.resources.blockIO; "blockIO limits: no v2 controller")
