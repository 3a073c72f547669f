// Interned strings: a text becomes a dense 32-bit id, once, for everybody.
//
// An interner only grows. The first text gets id 1, the next 2, …: an id is an index into tables,
// and the texts can be written to the node database as one run and read back with the same ids. It
// does not know what the texts mean; the tag only keeps ids of different interners apart at compile
// time.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "engine/key_id.hpp"

namespace zako {

/// A text that the program itself holds: interning it copies nothing. Declare it static constexpr;
/// it must outlive the interner.
template <std::size_t N>
struct static_text {
  consteval static_text(const char (&text)[N]) { std::copy_n(text, N - 1, bytes); }

  // As the interner stores every text.
  std::uint32_t length = N - 1;
  char bytes[N] = {};
};

namespace detail {

/// The untyped table behind `interner`. All functions but `load` may be called from any thread at
/// any time.
class string_table {
public:
  string_table();
  ~string_table();
  string_table(const string_table&) = delete;
  string_table& operator=(const string_table&) = delete;

  std::uint32_t find_or_add(std::string_view text);
  std::uint32_t find_or_add_static(const std::uint32_t* length); // its bytes follow
  [[nodiscard]] std::uint32_t find(std::string_view text) const; // 0: not there
  bool load(std::span<const std::uint32_t> hashes, std::string_view texts,
            std::shared_ptr<const void> memory);
  [[nodiscard]] std::string_view text(std::uint32_t number) const;
  [[nodiscard]] std::uint32_t size() const;

private:
  struct state;
  std::unique_ptr<state> state_;
};

} // namespace detail

/// A hash of a text that stays the same in all versions and on all machines: it is stored beside
/// texts, so that loading them hashes nothing.
std::uint32_t stable_hash(std::string_view text);

/// Thread-safe: all functions may be called from any thread at any time. Holds at most 2^32 - 2
/// texts of less than 4 GiB each; passing that, or running out of memory, ends the process.
template <class Tag>
class interner {
public:
  using id = interned_id<Tag>;

  /// The id of `text`; the same text has the same id for as long as the interner lives.
  id find_or_add(std::string_view text) { return id{table_.find_or_add(text)}; }

  template <std::size_t N>
  id find_or_add(const static_text<N>& text) {
    return id{table_.find_or_add_static(&text.length)};
  }

  [[nodiscard]] std::optional<id> find(std::string_view text) const {
    auto number = table_.find(text);
    return number == 0 ? std::nullopt : std::optional<id>{id{number}};
  }

  /// The text, valid as long as the interner. `x` must come from this interner.
  [[nodiscard]] std::string_view text(id x) const { return table_.text(x.number()); }

  /// Every id from 1 to size() has a text.
  [[nodiscard]] std::uint32_t size() const { return table_.size(); }

  /// Adds stored texts under the next ids: `hashes` has the `stable_hash` of each, `texts` each as
  /// its length in four bytes (the machine's) and its bytes. They must be new, and different from
  /// each other. Nothing is copied or hashed: both stay where they are, in `memory`, which is kept
  /// as long as the interner; the first finds pass over all hashes, and only many finds make an
  /// index. False, and the interner is of no more use, when `texts` are not as many as `hashes`.
  /// Before any other thread uses the interner.
  [[nodiscard]] bool load(std::span<const std::uint32_t> hashes, std::string_view texts,
                          std::shared_ptr<const void> memory) {
    return table_.load(hashes, texts, std::move(memory));
  }

private:
  detail::string_table table_;
};

using key_interner = interner<key_tag>;

} // namespace zako
