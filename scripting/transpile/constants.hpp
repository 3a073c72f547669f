// Constant expressions as TypeScript folds them in enums: numbers and strings, and JavaScript's
// rules for both.
#pragma once

#include <functional>
#include <string>
#include <variant>

#include "scripting/transpile/syntax_tree.hpp"

namespace zako::transpile {

struct constant {
  std::variant<std::monostate, double, std::u16string> value; // monostate: not constant
  bool string_like = false; // certainly a string, even when the value is not known

  [[nodiscard]] bool known() const { return value.index() != 0; }
  [[nodiscard]] bool is_string() const {
    return string_like || std::holds_alternative<std::u16string>(value);
  }
  [[nodiscard]] const double* number() const { return std::get_if<double>(&value); }
  [[nodiscard]] const std::u16string* string() const { return std::get_if<std::u16string>(&value); }
};

/// What a name, `E.A` or `E["A"]` stands for.
using constant_lookup = std::function<constant(node_id reference)>;

/// Expressions nested deeper than this count as not constant.
constexpr int max_constant_depth = 1000;

constant evaluate(const syntax_tree& tree, node_id expression, const constant_lookup& lookup,
                  int depth = 0);

/// As JavaScript prints a number.
std::string number_text(double x);
/// As it is written in an expression: negative numbers and strings as literals.
std::string literal_text(const constant& x);

} // namespace zako::transpile
