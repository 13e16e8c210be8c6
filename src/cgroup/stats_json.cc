#include "cgroup/stats_json.h"

namespace brig::cgroup {

namespace {

void member_unless_zero(json::Writer& out, std::string_view name, std::uint64_t value) {
  if (value != 0) out.member(name, value);
}

void write_pressure_line(json::Writer& out, std::string_view name, const PressureLine& line) {
  if (line.avg10 == 0 && line.avg60 == 0 && line.avg300 == 0 && line.total == 0) return;
  out.object(name, [&] {
    out.member("avg10", line.avg10);
    out.member("avg60", line.avg60);
    out.member("avg300", line.avg300);
    out.member("total", line.total);
  });
}

void write_pressure(json::Writer& out, const std::optional<Pressure>& pressure) {
  if (!pressure) return;
  out.object("psi", [&] {
    write_pressure_line(out, "some", pressure->some);
    write_pressure_line(out, "full", pressure->full);
  });
}

void write_cpu(json::Writer& out, const CpuStats& cpu) {
  out.object("cpu", [&] {
    if (cpu.total != 0 || cpu.kernel != 0 || cpu.user != 0) {
      out.object("usage", [&] {
        member_unless_zero(out, "total", cpu.total);
        out.member("kernel", cpu.kernel);
        out.member("user", cpu.user);
      });
    }
    if (cpu.periods != 0 || cpu.throttled_periods != 0 || cpu.throttled_time != 0) {
      out.object("throttling", [&] {
        member_unless_zero(out, "periods", cpu.periods);
        member_unless_zero(out, "throttledPeriods", cpu.throttled_periods);
        member_unless_zero(out, "throttledTime", cpu.throttled_time);
      });
    }
    write_pressure(out, cpu.pressure);
  });
}

// cgroup v2 has none of these; runc writes them all the same.
void write_cpuset(json::Writer& out) {
  out.object("cpuset", [&] {
    for (const char* name : {"cpu_exclusive", "mem_hardwall", "mem_exclusive", "memory_migrate",
                             "memory_spread_page", "memory_spread_slab", "memory_pressure",
                             "sched_load_balance", "sched_relax_domain_level"})
      out.member(name, 0);
  });
}

void write_memory_entry(json::Writer& out, std::string_view name, const MemoryEntry& entry) {
  if (entry.limit == 0 && entry.usage == 0 && entry.max == 0) return;
  out.object(name, [&] {
    out.member("limit", entry.limit);
    member_unless_zero(out, "usage", entry.usage);
    member_unless_zero(out, "max", entry.max);
    out.member("failcnt", 0);
  });
}

void write_memory(json::Writer& out, const MemoryStats& memory) {
  out.object("memory", [&] {
    member_unless_zero(out, "cache", memory.cache);
    write_memory_entry(out, "usage", memory.usage);
    write_memory_entry(out, "swap", memory.swap);
    if (!memory.raw.empty()) {
      out.object("raw", [&] {
        for (const auto& [name, value] : memory.raw) out.member(name, value);
      });
    }
    write_pressure(out, memory.pressure);
  });
}

void write_entries(json::Writer& out, std::string_view name,
                   const std::vector<BlkioEntry>& entries) {
  if (entries.empty()) return;
  out.array(name, [&] {
    for (const BlkioEntry& entry : entries) {
      out.object([&] {
        member_unless_zero(out, "major", entry.major);
        member_unless_zero(out, "minor", entry.minor);
        out.member("op", entry.op);
        member_unless_zero(out, "value", entry.value);
      });
    }
  });
}

}  // namespace

void write_stats(json::Writer& out, const Stats& stats) {
  out.object([&] {
    write_cpu(out, stats.cpu);
    write_cpuset(out);
    write_memory(out, stats.memory);
    out.object("pids", [&] {
      member_unless_zero(out, "current", stats.pids.current);
      member_unless_zero(out, "limit", stats.pids.limit);
    });
    out.object("blkio", [&] {
      write_entries(out, "ioServiceBytesRecursive", stats.blkio.service_bytes);
      write_entries(out, "ioServicedRecursive", stats.blkio.serviced);
      write_pressure(out, stats.blkio.pressure);
    });
    out.object("hugetlb", [&] {
      for (const auto& size : stats.hugetlb) {
        out.object(size.first, [&] {
          member_unless_zero(out, "usage", size.second.usage);
          out.member("failcnt", size.second.failcnt);
        });
      }
    });
    out.object("intel_rdt", [] {});
    out.key("network_interfaces");
    out.null();
  });
}

}  // namespace brig::cgroup
