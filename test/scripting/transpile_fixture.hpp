// How a transpiler case is written: one line of TypeScript and what is left of it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <catch2/catch.hpp>

#include "scripting/transpile/transpiler.hpp"

namespace zako::test {

struct transpile_case {
  const char* purpose;
  const char* source;
  const char* expected; // runs of spaces count as one
};

/// Transpiles each source and compares; also checks that nothing has moved where no source map says
/// so.
void check_cases(const std::vector<transpile_case>& cases, const transpile_options& options = {});

/// The JavaScript, or the error's text in angle brackets.
std::string javascript(std::string_view source, const std::string& file = "a.ts");
std::string squeezed(std::string_view text);
/// A file's bytes.
std::string slurp(const std::string& file);

} // namespace zako::test
