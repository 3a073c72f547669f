// Who wants a job: what travels with a question or a job, and comes back with the job's result.
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/inspect.hpp"

namespace zako {

/// A higher class goes first. Within one class sessions take turns, and within a session the oldest
/// goes first.
enum class job_priority : std::uint8_t { background, normal, interactive };

inline constexpr std::size_t job_priorities = 3;

/// For whom something is computed.
struct job_origin {
  std::uint32_t session = 0; // its actor's id; 0: nobody's
  job_priority priority = job_priority::normal;

  bool operator==(const job_origin&) const = default;
};

/// The submitter's context of one job. No pool or worker changes it.
struct job_context {
  job_origin origin;
  std::uint64_t span = 0; // the submitter's trace span; 0: none

  bool operator==(const job_context&) const = default;
};

template <class Inspector>
bool inspect(Inspector& f, job_priority& x) {
  return inspect_enum(f, x, job_priority::background, job_priority::interactive);
}

template <class Inspector>
bool inspect(Inspector& f, job_origin& x) {
  return f.object(x).fields(f.field("session", x.session), f.field("priority", x.priority));
}

template <class Inspector>
bool inspect(Inspector& f, job_context& x) {
  return f.object(x).fields(f.field("origin", x.origin), f.field("span", x.span));
}

} // namespace zako
