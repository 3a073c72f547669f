// Amounts of resources, as a person reads them.
#include "engine/need.hpp"

#include <array>

#include <fmt/format.h>

namespace zako {

std::string bytes_text(std::uint64_t bytes) {
  static constexpr std::array units = {"bytes", "KiB", "MiB", "GiB", "TiB"};
  std::size_t unit = 0;
  auto n = static_cast<double>(bytes);
  for (; n >= 1024 && unit + 1 < units.size(); ++unit)
    n /= 1024;
  auto whole = n == static_cast<double>(static_cast<std::uint64_t>(n));
  return whole ? fmt::format("{:.0f} {}", n, units[unit])
               : fmt::format("{:.1f} {}", n, units[unit]);
}

std::string amount_text(std::string_view resource, std::uint64_t amount) {
  if (resource == memory_resource)
    return bytes_text(amount) + " of memory";
  return fmt::format("{} {}", amount, resource);
}

} // namespace zako
