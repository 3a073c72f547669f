// What a piece of work needs of the machine while it runs: amounts of named resources.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "engine/inspect.hpp"

namespace zako {

constexpr std::string_view cpu_resource = "cpu";
constexpr std::string_view memory_resource = "memory";

/// Resources that one piece of work may need.
constexpr std::size_t max_needs = 8;

/// As `need::most`: all that there is.
constexpr std::uint64_t everything = std::numeric_limits<std::uint64_t>::max();

/// An amount of one resource, in its own unit (cpu: cores, memory: bytes). Exact when `least` and
/// `most` are the same, a range when they differ, "at least" when `most` is `everything`.
struct need {
  std::string resource;
  std::uint64_t least = 1;
  std::uint64_t most = 1; // >= least
  /// An estimate: may be met from what the resource is overcommitted by, and is cut to what the
  /// machine has when it is more.
  bool soft = false;

  bool operator==(const need&) const = default;
};

/// "512 MiB", "1.5 GiB", "12 bytes".
std::string bytes_text(std::uint64_t bytes);
/// "2 cpu", "512 MiB of memory".
std::string amount_text(std::string_view resource, std::uint64_t amount);

template <class Inspector>
bool inspect(Inspector& f, need& x) {
  return f.object(x).fields(f.field("resource", x.resource), f.field("least", x.least),
                            f.field("most", x.most), f.field("soft", x.soft));
}

} // namespace zako
