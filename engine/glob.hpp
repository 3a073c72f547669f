// Globs: which paths a set of patterns names, and which folders can hold such a path.
//
//   *       any characters of one part        **  as a whole part: any number of parts, or none
//   ?       one character of a part           {a,b}  alternatives, nested at will
//   [a-z]   one character of a set, [!a-z] one that is not
//
// A leading '.' of a part is matched only by a '.' in the pattern, as in a shell: `*` and `**`
// leave hidden files alone.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/error.hpp"

namespace zako {

/// One checked pattern, ready to match many paths. Immutable; safe to share between threads.
class glob {
public:
  /// Whether wildcards match a leading '.': explicitly (no), or as_others (yes: for patterns that
  /// exclude).
  enum class dots : std::uint8_t { explicitly, as_others };

  /// errc::invalid_argument when the pattern is empty, malformed, absolute, leaves its folder,
  /// holds a backslash or control character, or has more than 1,000 alternatives.
  static result<glob> parse(std::string_view pattern, dots d = dots::explicitly);

  [[nodiscard]] bool matches(std::string_view path) const;
  /// True when some path below `folder` (neutral; "" is the root) could match.
  [[nodiscard]] bool may_match_below(std::string_view folder) const;
  /// True when every path below `folder` matches (as far as `**` at the pattern's end tells).
  [[nodiscard]] bool matches_all_below(std::string_view folder) const;

private:
  using parts = std::vector<std::string>;
  std::vector<parts> alternatives_;
  dots dots_ = dots::explicitly;
};

} // namespace zako
