#!/usr/bin/python3
"""A client of the Container Runtime Interface, which is how a kubelet talks to containerd.

    cri-client.py SOCKET REQUESTS

Reads requests from the named pipe REQUESTS until it closes, one a line: `ANSWER METHOD JSON`. Calls
METHOD of the RuntimeService with the request that JSON describes and writes to the named pipe ANSWER
"ok" and the response as JSON, or "failed" and the error. One process serves a whole script since
Python needs seconds to load gRPC in an emulated machine; requests do not wait for each other.

SCHEMA is the part of Kubernetes' api.proto that the tests use; from it the messages are made when the
program starts, so that neither protoc nor generated code is needed.
"""

import json
import sys
import threading

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory

SCHEMA = """
Empty:
Int64Value: int64 value=1
UInt64Value: uint64 value=1
StatusRequest: bool verbose=1
StatusResponse: RuntimeStatus status=1, repeated RuntimeHandler runtime_handlers=3
RuntimeStatus: repeated RuntimeCondition conditions=1
RuntimeCondition: string type=1, bool status=2, string reason=3, string message=4
RuntimeHandler: string name=1, RuntimeHandlerFeatures features=2
RuntimeHandlerFeatures: bool recursive_read_only_mounts=1, bool user_namespaces=2

RunPodSandboxRequest: PodSandboxConfig config=1, string runtime_handler=2
RunPodSandboxResponse: string pod_sandbox_id=1
StopPodSandboxRequest: string pod_sandbox_id=1
RemovePodSandboxRequest: string pod_sandbox_id=1
PodSandboxStatusRequest: string pod_sandbox_id=1
PodSandboxStatusResponse: PodSandboxStatus status=1
PodSandboxStatus: string id=1, int32 state=3, PodSandboxNetworkStatus network=5, string runtime_handler=9
PodSandboxNetworkStatus: string ip=1
PodSandboxConfig: PodSandboxMetadata metadata=1, string hostname=2, string log_directory=3,
  map labels=6, map annotations=7, LinuxPodSandboxConfig linux=8
PodSandboxMetadata: string name=1, string uid=2, string namespace=3, uint32 attempt=4
LinuxPodSandboxConfig: string cgroup_parent=1, LinuxSandboxSecurityContext security_context=2, map sysctls=3
LinuxSandboxSecurityContext: NamespaceOption namespace_options=1, Int64Value run_as_user=3,
  bool readonly_rootfs=4, repeated int64 supplemental_groups=5, bool privileged=6, SecurityProfile seccomp=9
NamespaceOption: int32 network=1, int32 pid=2, int32 ipc=3, string target_id=4, UserNamespace userns_options=5
UserNamespace: int32 mode=1, repeated IDMapping uids=2, repeated IDMapping gids=3
IDMapping: uint32 host_id=1, uint32 container_id=2, uint32 length=3
SecurityProfile: int32 profile_type=1, string localhost_ref=2

CreateContainerRequest: string pod_sandbox_id=1, ContainerConfig config=2, PodSandboxConfig sandbox_config=3
CreateContainerResponse: string container_id=1
ContainerConfig: ContainerMetadata metadata=1, ImageSpec image=2, repeated string command=3,
  repeated string args=4, string working_dir=5, repeated KeyValue envs=6, repeated Mount mounts=7,
  repeated Device devices=8, map labels=9, map annotations=10, string log_path=11, bool tty=14,
  LinuxContainerConfig linux=15
ContainerMetadata: string name=1, uint32 attempt=2
ImageSpec: string image=1
KeyValue: string key=1, string value=2
Mount: string container_path=1, string host_path=2, bool readonly=3, int32 propagation=5,
  repeated IDMapping uidMappings=6, repeated IDMapping gidMappings=7, bool recursive_read_only=8
Device: string container_path=1, string host_path=2, string permissions=3
LinuxContainerConfig: LinuxContainerResources resources=1, LinuxContainerSecurityContext security_context=2
LinuxContainerResources: int64 cpu_period=1, int64 cpu_quota=2, int64 cpu_shares=3,
  int64 memory_limit_in_bytes=4, int64 oom_score_adj=5, string cpuset_cpus=6, map unified=9
LinuxContainerSecurityContext: Capability capabilities=1, bool privileged=2,
  NamespaceOption namespace_options=3, Int64Value run_as_user=5, Int64Value run_as_group=12,
  bool readonly_rootfs=7, repeated int64 supplemental_groups=8, bool no_new_privs=11,
  repeated string masked_paths=13, repeated string readonly_paths=14, SecurityProfile seccomp=15
Capability: repeated string add_capabilities=1, repeated string drop_capabilities=2
StartContainerRequest: string container_id=1
StopContainerRequest: string container_id=1, int64 timeout=2
RemoveContainerRequest: string container_id=1
UpdateContainerResourcesRequest: string container_id=1, LinuxContainerResources linux=2
ExecSyncRequest: string container_id=1, repeated string cmd=2, int64 timeout=3
ExecSyncResponse: bytes stdout=1, bytes stderr=2, int32 exit_code=3
ContainerStatusRequest: string container_id=1
ContainerStatusResponse: ContainerStatus status=1
ContainerStatus: string id=1, int32 state=3, int32 exit_code=7, string reason=10, string message=11
ContainerStatsRequest: string container_id=1
ContainerStatsResponse: ContainerStats stats=1
ContainerStats: CpuUsage cpu=2, MemoryUsage memory=3
CpuUsage: int64 timestamp=1, UInt64Value usage_core_nano_seconds=2
MemoryUsage: int64 timestamp=1, UInt64Value working_set_bytes=2, UInt64Value usage_bytes=4
"""
PACKAGE = "runtime.v1"
FIELD = descriptor_pb2.FieldDescriptorProto
SCALARS = ("bool", "bytes", "int32", "int64", "string", "uint32", "uint64")


def add_map_entry(message, name):
    """Adds the nested message that a map<string, string> is on the wire; returns its name."""
    entry = message.nested_type.add(name=name.title().replace("_", "") + "Entry")
    entry.options.map_entry = True
    for number, member in ((1, "key"), (2, "value")):
        entry.field.add(name=member, number=number, label=FIELD.LABEL_OPTIONAL, type=FIELD.TYPE_STRING)
    return f".{PACKAGE}.{message.name}.{entry.name}"


def add_field(message, text):
    """Adds a field that is written like "repeated string cmd=2"."""
    *words, last = text.split()
    name, number = last.split("=")
    field = message.field.add(name=name, number=int(number), label=FIELD.LABEL_OPTIONAL)
    if words[0] in ("repeated", "map"):
        field.label = FIELD.LABEL_REPEATED
    if words[-1] in SCALARS:
        field.type = getattr(FIELD, "TYPE_" + words[-1].upper())
        return
    field.type = FIELD.TYPE_MESSAGE
    field.type_name = add_map_entry(message, name) if words[0] == "map" else f".{PACKAGE}.{words[-1]}"


def make_messages():
    """Returns the classes of SCHEMA's messages by name."""
    file = descriptor_pb2.FileDescriptorProto(name="cri.proto", package=PACKAGE, syntax="proto3")
    # A line that is indented goes on with the message of the line before.
    for line in SCHEMA.replace("\n  ", " ").splitlines():
        if line:
            name, fields = line.split(":")
            message = file.message_type.add(name=name)
            for text in filter(None, (field.strip() for field in fields.split(","))):
                add_field(message, text)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    if hasattr(message_factory, "GetMessageClass"):
        make_class = message_factory.GetMessageClass
    else:
        make_class = message_factory.MessageFactory(pool).GetPrototype
    return {
        message.name: make_class(pool.FindMessageTypeByName(f"{PACKAGE}.{message.name}"))
        for message in file.message_type
    }


def call(channel, messages, method, text):
    """Returns what the caller shall read: the outcome, then the response or the error."""
    try:
        request = json_format.ParseDict(json.loads(text), messages[method + "Request"]())
        response_class = messages.get(method + "Response", messages["Empty"])
        stub = channel.unary_unary(
            f"/{PACKAGE}.RuntimeService/{method}",
            request_serializer=lambda message: message.SerializeToString(),
            response_deserializer=response_class.FromString,
        )
        try:
            response = stub(request, timeout=100)
        except grpc.RpcError as error:
            # The first call after a restart of containerd finds the connection broken.
            if error.code() != grpc.StatusCode.UNAVAILABLE:
                raise
            response = stub(request, timeout=100, wait_for_ready=True)
        fields = json_format.MessageToDict(response, preserving_proto_field_name=True)
        return "ok\n" + json.dumps(fields) + "\n"
    except grpc.RpcError as error:
        return f"failed\n{method}: {error.code().name}: {error.details()}\n"
    except (KeyError, ValueError, json_format.ParseError) as error:
        return f"failed\n{method}: {error!r} in {text}\n"


def answer(channel, messages, line):
    path, method, text = line.split(" ", 2)
    outcome = call(channel, messages, method, text)
    with open(path, "w", encoding="utf-8") as pipe:
        pipe.write(outcome)


def main():
    socket, requests = sys.argv[1:]
    channel = grpc.insecure_channel("unix://" + socket)
    messages = make_messages()
    with open(requests, encoding="utf-8") as pipe:
        for line in pipe:
            threading.Thread(target=answer, args=(channel, messages, line), daemon=True).start()


main()
