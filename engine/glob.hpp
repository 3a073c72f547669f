// Globs: which paths a set of patterns names, and which folders can hold such a path.
//
//   *  any characters of one part       ?  one character of a part       [a-z] [!a-z]  one
//   character of a set
//   ** as a whole part: any number of parts, none included               {a,b}  alternatives,
//   nested at will
//
// A leading '.' of a part is matched only by a '.' in the pattern, as in a shell: `*` and `**`
// leave hidden files alone.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/error.hpp"

namespace zako {

/// One checked pattern, ready to match many paths. Immutable; safe to share between threads.
class glob {
public:
  /// errc::invalid_argument when the pattern is empty, malformed, absolute, leaves its folder,
  /// holds a backslash or control character, or has more than 1,000 alternatives.
  static result<glob> parse(std::string_view pattern);

  [[nodiscard]] bool matches(std::string_view path) const;
  /// True when some path below `folder` (neutral; "" is the root) could match.
  [[nodiscard]] bool may_match_below(std::string_view folder) const;

private:
  using parts = std::vector<std::string>;
  std::vector<parts> alternatives_;
};

} // namespace zako
