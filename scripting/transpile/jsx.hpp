// The functions of the JSX runtime that a file needs, and what they are called in it.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "scripting/transpile/syntax_tree.hpp"

namespace zako::transpile {

/// Names of elements that are no variables.
constexpr bool is_intrinsic_element(std::string_view name) {
  return (name[0] >= 'a' && name[0] <= 'z') || name.find('-') != std::string_view::npos;
}

enum class jsx_import : std::uint8_t { jsx, jsxs, fragment, create_element };

struct jsx_names {
  static constexpr std::array<std::string_view, 4> imported = {"jsx", "jsxs", "Fragment",
                                                               "createElement"};
  std::array<std::string, 4> names; // empty until there is JSX
  std::vector<jsx_import> used;     // in the order of their first use
  node_id noted_until = 0;          // the elements before it are in `used`

  void choose(std::string_view source);
  void use(jsx_import which);
  [[nodiscard]] const std::string& name(jsx_import which) const;
};

} // namespace zako::transpile
