// What a person typed, looked at as TypeScript: an expression, statements, or not yet all of it.
#pragma once

#include <string>

#include "actors/transpile.hpp"
#include "apps/zako/typed_text.hpp"

namespace zako {

/// What can be either is an expression: `{ a: 1 }` is an object. But `function f() {}` and
/// `class A {}` declare a name. `module` is what the text is called in errors.
typed_input look_at_input(transpiler& with, std::string text, const std::string& module);

/// An expression as it stands in a module, on lines of its own; its text begins on the second.
std::string in_brackets(const std::string& expression);

} // namespace zako
