// One file, and a walk over the metrics of the actor system.
#include "apps/zako/trace_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <map>
#include <utility>

#include <caf/telemetry/metric_registry.hpp>

#include "apps/zako/display/output.hpp"

namespace zako {

namespace {

constexpr std::int64_t pause_ns = 20'000'000; // between two samples

/// Gathers Zako's gauges: "zako.pool.busy" of pool "script" is the series "busy" of "pool script".
struct gauges {
  std::map<std::string, std::map<std::string, double>> found;

  template <class Instrument>
  void operator()(const caf::telemetry::metric_family* family,
                  const caf::telemetry::metric* instance, const Instrument* gauge) {
    if constexpr (std::is_same_v<Instrument, caf::telemetry::int_gauge> ||
                  std::is_same_v<Instrument, caf::telemetry::dbl_gauge>) {
      constexpr std::string_view ours = "zako.";
      if (!family->prefix().starts_with(ours))
        return;
      auto name = family->prefix().substr(ours.size());
      for (auto& label : instance->labels()) {
        auto value = label.value();
        name += ' ' + std::string(value.data(), value.size());
      }
      found[name][family->name()] = static_cast<double>(gauge->value());
    }
  }
};

} // namespace

result<trace_file> trace_file::open(const std::string& path, const std::string& title,
                                    std::int64_t now_ns) {
  int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (fd < 0)
    return fail(errc::io, "cannot write the trace '" + path + "': " + std::strerror(errno),
                "name a file in a folder that is there");
  trace_file out{fd, now_ns};
  write_all(fd, out.text_.start(title));
  return out;
}

trace_file::trace_file(trace_file&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), text_(std::move(other.text_)),
      sampled_at_(other.sampled_at_) {}

trace_file::~trace_file() {
  if (fd_ >= 0)
    ::close(fd_);
}

void trace_file::on(const event& what, std::int64_t now_ns) {
  write_all(fd_, text_.on(what, now_ns));
}

void trace_file::sample(caf::actor_system& system, std::int64_t now_ns) {
  if (now_ns - sampled_at_ >= pause_ns)
    note_counters(system, now_ns);
}

void trace_file::note_counters(caf::actor_system& system, std::int64_t now_ns) {
  sampled_at_ = now_ns;
  gauges all;
  system.metrics().collect(all);
  for (auto& [name, series] : all.found)
    write_all(fd_, text_.counter(name, series, now_ns));
}

void trace_file::finish(caf::actor_system& system, std::int64_t now_ns) {
  note_counters(system, now_ns);
  write_all(fd_, text_.finish(now_ns));
}

} // namespace zako
