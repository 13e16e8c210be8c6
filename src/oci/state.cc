#include "oci/state.h"

#include <algorithm>
#include <array>

#include "base/concat.h"
#include "brig/error.h"
#include "brig/version.h"
#include "json/reader.h"
#include "json/writer.h"
#include "oci/parse_objects.h"
#include "oci/words.h"

namespace brig {

const char* status_word(Status status) {
  switch (status) {
    case Status::kCreating:
      return "creating";
    case Status::kCreated:
      return "created";
    case Status::kRunning:
      return "running";
    case Status::kPaused:
      return "paused";
    case Status::kStopped:
      return "stopped";
  }
  return "unknown";
}

}  // namespace brig

namespace brig::oci {

using json::Value;
using json::Writer;

namespace {

void write_hooks(Writer& out, std::string_view name, const std::vector<Hook>& hooks) {
  if (hooks.empty()) return;
  out.array(name, [&] {
    for (const Hook& hook : hooks)
      out.object([&] {
        out.member("path", hook.path);
        out.member_unless_empty("args", hook.args);
        out.member_unless_empty("env", hook.env);
        if (hook.timeout) out.member("timeout", *hook.timeout);
      });
  });
}

void write_namespaces(Writer& out, const std::vector<Namespace>& namespaces) {
  out.array("namespaces", [&] {
    for (const Namespace& entry : namespaces)
      out.object([&] {
        out.member("type", word_of(kNamespaceWords, entry.type));
        out.member_unless_empty("path", entry.path);
      });
  });
}

// The object of the `state` and `list` commands.
void write_info(Writer& out, const ContainerInfo& info, std::string_view owner) {
  out.object([&] {
    out.member("ociVersion", kSpecVersion);
    out.member("id", info.id);
    out.member("pid", info.status == Status::kStopped ? 0 : info.pid);
    out.member("status", status_word(info.status));
    out.member("bundle", info.bundle);
    out.member("rootfs", info.rootfs);
    out.member("created", info.created);
    if (!info.annotations.empty())
      out.object("annotations", [&] {
        for (const auto& [name, text] : info.annotations) out.member(name, text);
      });
    out.member("owner", owner);
  });
}

void write_memory_policy(Writer& out, const MemoryPolicy& policy) {
  out.object("memoryPolicy", [&] {
    out.member("mode", word_of(kMemoryPolicyModeWords, policy.mode));
    out.member_unless_empty("nodes", policy.nodes);
    out.array("flags", [&] {
      for (const Word<std::uint32_t>& flag : kMemoryPolicyFlagWords)
        if ((policy.flags & flag.value) != 0) out.value(flag.name);
    });
  });
}

void write_listener(Writer& out, const SeccompListener& listener) {
  out.object("seccompListener", [&] {
    out.member("path", listener.path);
    out.member_unless_empty("metadata", listener.metadata);
  });
}

SeccompListener parse_listener(const Value& in) {
  return SeccompListener{.path = in.required_string("path"), .metadata = in.string("metadata")};
}

void write_rdt_group(Writer& out, const RdtGroup& group) {
  out.object("rdtGroup", [&] {
    out.member("clos", group.clos);
    out.member_unless_empty("monitoring", group.monitoring);
    out.member("removeClos", group.remove_clos);
  });
}

RdtGroup parse_rdt_group(const Value& in) {
  return RdtGroup{.clos = in.required_string("clos"),
                  .monitoring = in.string("monitoring"),
                  .remove_clos = in.boolean("removeClos")};
}

void write_range(Writer& out, std::string_view name, const TextRange& range) {
  out.object(name, [&] {
    out.member("offset", range.offset);
    out.member("size", range.size);
  });
}

TextRange parse_range(const Value& in) {
  return TextRange{.offset = in.required_integer<std::uint64_t>("offset"),
                   .size = in.required_integer<std::uint32_t>("size")};
}

// The members of runtime.md "State".
void write_state(Writer& out, const StateRecord& record, Status status, pid_t pid) {
  out.member("ociVersion", kSpecVersion);
  out.member("id", record.id);
  out.member("status", status_word(status));
  if (pid != 0) out.member("pid", pid);
  out.member("bundle", record.bundle);
  out.member("root", record.rootfs);
  out.member_unless_empty("annotations", record.annotations);
}

std::optional<Personality> parse_recorded_personality(const Value& in) {
  const std::optional<std::uint64_t> domain = in.optional_integer<std::uint64_t>("personality");
  if (!domain) return std::nullopt;
  return Personality{.domain = *domain, .flags = {}};
}

StateRecord parse_record(const Value& in) {
  return StateRecord{
      .id = in.required_string("id"),
      .pid = in.integer<pid_t>("pid"),
      .start_time = in.integer<std::uint64_t>("startTime"),
      .bundle = in.required_string("bundle"),
      .rootfs = in.required_string("rootfs"),
      .created = in.required_string("created"),
      .owner = in.integer<uid_t>("owner"),
      .annotations = in.string_map("annotations"),
      .cgroup_path = in.string("cgroupPath"),
      .systemd_unit = in.string("systemdUnit"),
      .namespaces = in.list("namespaces", parse_namespace),
      .process_text = in.optional("processText", parse_range),
      .seccomp_flags = in.optional_integer<std::uint32_t>("seccompFlags"),
      .seccomp_listener = in.optional("seccompListener", parse_listener),
      .rdt_group = in.optional("rdtGroup", parse_rdt_group),
      .personality = parse_recorded_personality(in),
      .memory_policy = in.optional("memoryPolicy", parse_memory_policy),
      .poststart = in.list("poststart", parse_hook),
      .poststop = in.list("poststop", parse_hook),
      .creating = in.boolean("creating"),
      .no_new_keyring = in.boolean("noNewKeyring"),
  };
}

}  // namespace

std::string write_record(const StateRecord& record) {
  Writer out;
  out.object([&] {
    out.member("version", kRecordVersion);
    out.member("id", record.id);
    out.member("pid", record.pid);
    out.member("startTime", record.start_time);
    out.member("bundle", record.bundle);
    out.member("rootfs", record.rootfs);
    out.member("created", record.created);
    out.member("owner", record.owner);
    out.member_unless_empty("annotations", record.annotations);
    out.member_unless_empty("cgroupPath", record.cgroup_path);
    out.member_unless_empty("systemdUnit", record.systemd_unit);
    write_namespaces(out, record.namespaces);
    if (record.process_text) write_range(out, "processText", *record.process_text);
    if (record.seccomp_flags) out.member("seccompFlags", *record.seccomp_flags);
    if (record.seccomp_listener) write_listener(out, *record.seccomp_listener);
    if (record.rdt_group) write_rdt_group(out, *record.rdt_group);
    if (record.personality) out.member("personality", record.personality->domain);
    if (record.memory_policy) write_memory_policy(out, *record.memory_policy);
    write_hooks(out, "poststart", record.poststart);
    write_hooks(out, "poststop", record.poststop);
    if (record.creating) out.member("creating", true);
    out.member("noNewKeyring", record.no_new_keyring);
  });
  return std::move(out).take();
}

StateRecord read_record(std::string_view text) {
  constexpr std::string_view kDamaged = "the record of the container is damaged";
  const auto or_damaged = [&](auto&& body) {
    try {
      return body();
    } catch (const Error& error) {
      throw DamagedRecord(concat(kDamaged, ": ", error.what()));
    }
  };
  std::optional<json::Document> document;
  const int version = or_damaged([&] {
    if (text.empty()) throw Error("it is empty");
    if (text.front() == '\0')
      throw Error("it holds NUL bytes instead of text (a crash of the machine?)");
    document.emplace(text);
    return document->root().required_integer<int>("version");
  });
  // A newer record is not damaged, and nothing else of it may be looked at.
  if (version > kRecordVersion)
    throw Error(concat("the record of the container has format version ", version,
                       ", but this brig reads only version ", kRecordVersion,
                       ": use the brig that created the container"));
  return or_damaged([&] {
    if (version < 1) throw Error(concat("format version ", version));
    return parse_record(document->root());
  });
}

std::string state_json(const ContainerInfo& info) {
  Writer out(json::Indent::kTwoSpaces);
  // runc fills in the owner for `list` only.
  write_info(out, info, "");
  return std::move(out).take();
}

std::string hook_state_json(const StateRecord& record, Status status, pid_t pid) {
  Writer out;
  out.object([&] { write_state(out, record, status, pid); });
  return std::move(out).take();
}

std::string container_process_state_json(const StateRecord& record, Status status, pid_t init_pid,
                                         pid_t pid) {
  Writer out;
  out.object([&] {
    out.member("ociVersion", kSpecVersion);
    out.array("fds", [&] { out.value("seccompFd"); });
    out.member("pid", pid);
    if (record.seccomp_listener)
      out.member_unless_empty("metadata", record.seccomp_listener->metadata);
    out.object("state", [&] { write_state(out, record, status, init_pid); });
  });
  return std::move(out).take();
}

std::string list_table(const std::vector<ListEntry>& entries) {
  constexpr std::size_t kColumns = 6;
  constexpr std::size_t kMinWidth = 12;
  constexpr std::size_t kPadding = 3;
  using Row = std::array<std::string, kColumns>;

  std::vector<Row> rows{{"ID", "PID", "STATUS", "BUNDLE", "CREATED", "OWNER"}};
  for (const ListEntry& entry : entries) {
    const ContainerInfo& info = entry.info;
    rows.push_back({info.id, concat(info.status == Status::kStopped ? 0 : info.pid),
                    status_word(info.status), info.bundle, info.created, entry.owner});
  }

  std::array<std::size_t, kColumns> widths{};
  for (std::size_t column = 0; column + 1 < kColumns; ++column) {
    widths[column] = kMinWidth;
    for (const Row& row : rows)
      widths[column] = std::max(widths[column], row[column].size() + kPadding);
  }
  std::string table;
  for (const Row& row : rows) {
    for (std::size_t column = 0; column + 1 < kColumns; ++column) {
      table.append(row[column]);
      table.append(widths[column] - row[column].size(), ' ');
    }
    append(table, row.back(), "\n");
  }
  return table;
}

std::string list_json(const std::vector<ListEntry>& entries) {
  Writer out;
  if (entries.empty()) {
    out.null();
  } else {
    out.array([&] {
      for (const ListEntry& entry : entries) write_info(out, entry.info, entry.owner);
    });
  }
  return std::move(out).take() + '\n';
}

}  // namespace brig::oci
