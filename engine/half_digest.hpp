// The first half of a digest: enough to tell one input of a node from another, where whole digests
// would be a good part of all that is stored.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <string>

#include "engine/digest.hpp"

namespace zako {

struct half_digest {
  std::array<std::uint8_t, 16> bytes{};

  half_digest() = default;
  half_digest(const digest& whole) { std::memcpy(bytes.data(), whole.bytes.data(), bytes.size()); }

  bool operator==(const half_digest&) const = default;

  /// 32 lower-case hexadecimal digits.
  [[nodiscard]] std::string hex() const {
    digest whole;
    std::memcpy(whole.bytes.data(), bytes.data(), bytes.size());
    return whole.hex().substr(0, 2 * bytes.size());
  }
};

template <class Inspector>
bool inspect(Inspector& f, half_digest& x) {
  return f.object(x).fields(f.field("bytes", x.bytes));
}

} // namespace zako
