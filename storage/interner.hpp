// Interned strings: a text becomes a dense 32-bit id, once, for everybody.
//
// An interner only grows. The first text gets id 1, the next 2, …: an id is an index into tables,
// and the texts can be written to the node database as one run and read back with the same ids. It
// does not know what the texts mean; the tag only keeps ids of different interners apart at compile
// time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "engine/key_id.hpp"

namespace zako {

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

using key_interner = interner<key_tag>;

} // namespace zako
