// Labels name targets; patterns name sets of them.
//
//   //path:name   a target
//   //path        short for //path:last-part-of-path
//   :name         in the current folder
//   //path:all    every target of one BUILD.ts
//   //path/...    every target at or below path
#pragma once

#include <compare>
#include <string>
#include <string_view>

#include "engine/error.hpp"
#include "engine/path.hpp"

namespace zako {

struct label {
  neutral_path package; // the folder of the BUILD.ts, relative to the workspace
  std::string name;     // [A-Za-z0-9_.+-]+

  /// "//path:name", always with the name.
  [[nodiscard]] std::string str() const;
  /// Accepts the three forms above; `here` is the folder that ":name" refers to.
  static result<label> parse(std::string_view text, const neutral_path& here = {});

  auto operator<=>(const label&) const = default;
};

struct target_pattern {
  enum class scope : std::uint8_t { one, package, recursive };
  scope what = scope::one;
  neutral_path package;
  std::string name; // only when `what` is one

  [[nodiscard]] std::string str() const;
  /// `here` is the user's folder relative to the workspace: "hello", ":hello", "lib:x", "..." and
  /// "./..." work there.
  static result<target_pattern> parse(std::string_view text, const neutral_path& here = {});

  auto operator<=>(const target_pattern&) const = default;
};

template <class Inspector>
bool inspect(Inspector& f, label& x) {
  return f.object(x).fields(f.field("package", x.package), f.field("name", x.name));
}

} // namespace zako
