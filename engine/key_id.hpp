// Interned ids: a 32-bit number in place of a text. The texts are kept elsewhere
// (storage/interner.hpp).
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>

namespace zako {

/// Names one text of the interner with the same tag. A default-constructed id is 0 and names
/// nothing.
template <class Tag>
class interned_id {
public:
  constexpr interned_id() = default;
  constexpr explicit interned_id(std::uint32_t number) : number_(number) {}

  /// 1 and up; 0 for the id that names nothing.
  [[nodiscard]] constexpr std::uint32_t number() const { return number_; }
  [[nodiscard]] constexpr explicit operator bool() const { return number_ != 0; }

  constexpr auto operator<=>(const interned_id&) const = default;

private:
  std::uint32_t number_ = 0;
};

/// The id 0 is not loaded: what is stored or sent names something.
template <class Inspector, class Tag>
bool inspect(Inspector& f, interned_id<Tag>& x) {
  auto get = [&x] { return x.number(); };
  auto set = [&x](std::uint32_t number) {
    x = interned_id<Tag>(number);
    return number != 0;
  };
  return f.apply(get, set);
}

/// Ids of graph keys: the interned text of a `key`.
struct key_tag;
using key_id = interned_id<key_tag>;

} // namespace zako

template <class Tag>
struct std::hash<zako::interned_id<Tag>> {
  std::size_t operator()(zako::interned_id<Tag> x) const noexcept { return x.number(); }
};
