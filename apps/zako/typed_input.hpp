// What a person typed, looked at as TypeScript: an expression, statements, or not yet all of it.
#pragma once

#include <optional>
#include <string>

#include "actors/transpile.hpp"
#include "engine/error.hpp"

namespace zako {

enum class input_form {
  nothing,    // blanks and comments
  expression, // has a value; `text` is without a semicolon at its end
  statements,
  unfinished, // more lines may make it whole
  wrong,
};

struct typed_input {
  input_form form = input_form::nothing;
  std::string text;
  std::optional<error> why; // of `unfinished` and `wrong`: the syntax errors, in places of the text
};

/// What can be either is an expression: `{ a: 1 }` is an object. But `function f() {}` and
/// `class A {}` declare a name. `module` is what the text is called in errors.
typed_input look_at_input(transpiler& with, std::string text, const std::string& module);

/// An expression as it stands in a module, on lines of its own; its text begins on the second.
std::string in_brackets(const std::string& expression);

} // namespace zako
