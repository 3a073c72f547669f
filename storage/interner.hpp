// Interned strings: a text becomes a dense 32-bit id, once, for everybody.
//
// An interner only grows. The first text gets id 1, the next 2, …: an id is an index into tables,
// and the texts can be written to the node database as one run and read back with the same ids. It
// does not know what the texts mean; the tag only keeps ids of different interners apart at compile
// time.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>

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

namespace detail {

/// The untyped table behind `interner`. All functions may be called from any thread at any time.
class string_table {
public:
  string_table();
  ~string_table();
  string_table(const string_table&) = delete;
  string_table& operator=(const string_table&) = delete;

  std::uint32_t find_or_add(std::string_view text);
  [[nodiscard]] std::uint32_t find(std::string_view text) const; // 0: not there
  [[nodiscard]] std::string_view text(std::uint32_t number) const;
  [[nodiscard]] std::uint32_t size() const;

private:
  struct state;
  std::unique_ptr<state> state_;
};

} // namespace detail

/// Thread-safe: all functions may be called from any thread at any time. Holds at most 2^32 - 2
/// texts of less than 4 GiB each; passing that, or running out of memory, ends the process.
template <class Tag>
class interner {
public:
  using id = interned_id<Tag>;

  /// The id of `text`; the same text has the same id for as long as the interner lives.
  id find_or_add(std::string_view text) { return id{table_.find_or_add(text)}; }

  [[nodiscard]] std::optional<id> find(std::string_view text) const {
    auto number = table_.find(text);
    return number == 0 ? std::nullopt : std::optional<id>{id{number}};
  }

  /// The text, valid as long as the interner. `x` must come from this interner.
  [[nodiscard]] std::string_view text(id x) const { return table_.text(x.number()); }

  /// Every id from 1 to size() has a text.
  [[nodiscard]] std::uint32_t size() const { return table_.size(); }

private:
  detail::string_table table_;
};

/// Ids of graph keys: the interned text of a `key`.
struct key_tag;
using key_id = interned_id<key_tag>;
using key_interner = interner<key_tag>;

} // namespace zako

template <class Tag>
struct std::hash<zako::interned_id<Tag>> {
  std::size_t operator()(zako::interned_id<Tag> x) const noexcept { return x.number(); }
};
