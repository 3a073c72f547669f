// Neutral paths: '/'-separated, relative, normalised, the same on every machine.
#pragma once

#include <compare>
#include <functional>
#include <string>
#include <string_view>

#include "engine/error.hpp"

namespace zako {

/// A path inside a root (a workspace, a package). Never absolute, never with "." or ".." or empty
/// parts, no NUL, no backslash. The root itself is the empty path.
class neutral_path {
public:
  neutral_path() = default;

  /// Normalises "a/./b//c/../d" to "a/b/d". errc::invalid_path when it is absolute, escapes the
  /// root, or holds NUL or '\'.
  static result<neutral_path> parse(std::string_view text);
  /// `text` relative to the folder `base`.
  static result<neutral_path> parse(const neutral_path& base, std::string_view text);

  [[nodiscard]] const std::string& str() const { return text_; }
  [[nodiscard]] bool empty() const { return text_.empty(); }
  [[nodiscard]] neutral_path parent() const;        // the empty path for a top-level name
  [[nodiscard]] std::string_view name() const;      // the last part
  [[nodiscard]] std::string_view extension() const; // with the dot: ".c"; empty when there is none
  [[nodiscard]] bool is_within(const neutral_path& folder) const; // a folder is within itself
  /// Appends normalised parts (`tail` is trusted: a file name or another neutral path's text).
  [[nodiscard]] neutral_path operator/(std::string_view tail) const;

  auto operator<=>(const neutral_path&) const = default;

private:
  std::string text_;
};

/// `text` relative to `folder`, both of '/'-separated parts, normalised; "../" stays only at the
/// front, where it leads out of the workspace: only dependencies may lie there. errc::invalid_path
/// as for neutral paths.
result<std::string> join_path(std::string_view folder, std::string_view text);
/// What stands before the last '/'; empty for a single name.
std::string_view folder_of(std::string_view path);
/// True for what lies in a folder or below it; `folder` itself is. The empty one holds all that
/// does not begin with "../".
bool is_below(std::string_view path, std::string_view folder);

/// Matches one glob pattern (engine/glob.hpp) against a neutral path; false when the pattern is
/// malformed.
bool glob_match(std::string_view pattern, std::string_view path);
/// An error when a pattern is malformed, absolute, or leaves its folder.
result<void> check_glob(std::string_view pattern);

template <class Inspector>
bool inspect(Inspector& f, neutral_path& x) {
  auto get = [&x] { return x.str(); };
  auto set = [&x](std::string text) {
    auto parsed = neutral_path::parse(text);
    if (!parsed || parsed->str() != text)
      return false;
    x = std::move(*parsed);
    return true;
  };
  return f.apply(get, set);
}

} // namespace zako

template <>
struct std::hash<zako::neutral_path> {
  std::size_t operator()(const zako::neutral_path& p) const noexcept {
    return std::hash<std::string>{}(p.str());
  }
};
