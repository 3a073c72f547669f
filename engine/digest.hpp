// BLAKE3-256 digests: the names of contents.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace zako {

struct digest {
  std::array<std::uint8_t, 32> bytes{};

  auto operator<=>(const digest&) const = default;

  /// 64 lower-case hexadecimal digits.
  [[nodiscard]] std::string hex() const;
  static std::optional<digest> from_hex(std::string_view text);

  /// The first eight bytes, for tables and for early comparison.
  [[nodiscard]] std::uint64_t prefix() const {
    std::uint64_t x;
    std::memcpy(&x, bytes.data(), sizeof x);
    return x;
  }
};

/// Incremental BLAKE3 (https://github.com/BLAKE3-team/BLAKE3-specs). Not thread-safe; one digest
/// per object.
class hasher {
public:
  hasher();
  ~hasher();
  hasher(const hasher&) = delete;
  hasher& operator=(const hasher&) = delete;

  hasher& update(std::string_view bytes);
  hasher& update(const digest& d);
  [[nodiscard]] digest finish() const;

private:
  struct state;
  std::unique_ptr<state> state_;
};

digest digest_of(std::string_view bytes);

template <class Inspector>
bool inspect(Inspector& f, digest& x) {
  return f.object(x).fields(f.field("bytes", x.bytes));
}

} // namespace zako

template <>
struct std::hash<zako::digest> {
  std::size_t operator()(const zako::digest& d) const noexcept {
    return static_cast<std::size_t>(d.prefix());
  }
};
