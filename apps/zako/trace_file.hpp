// Writes the trace of a build to a file while the build goes on.
#pragma once

#include <cstdint>
#include <string>

#include <caf/actor_system.hpp>

#include "apps/zako/display/trace.hpp"
#include "engine/error.hpp"

namespace zako {

class trace_file {
public:
  /// Replaces the file. `title` names the build in the trace. errc::io when it cannot be written.
  static result<trace_file> open(const std::string& path, const std::string& title,
                                 std::int64_t now_ns);
  trace_file(trace_file&& other) noexcept;
  trace_file& operator=(trace_file&&) = delete;
  /// A build that ends early leaves a file that viewers still take: they forgive the missing end.
  ~trace_file();

  void on(const event& what, std::int64_t now_ns);
  /// Notes how pools and resources stand, unless it has just been done.
  void sample(caf::actor_system& system, std::int64_t now_ns);
  void finish(caf::actor_system& system, std::int64_t now_ns);

private:
  trace_file(int fd, std::int64_t now_ns) : fd_(fd), text_(now_ns) {}
  void note_counters(caf::actor_system& system, std::int64_t now_ns);

  int fd_;
  trace_text text_;
  std::int64_t sampled_at_ = 0;
};

} // namespace zako
