// The built-in modules as texts, for tools that show them. No engine is needed.
#pragma once

#include <string_view>
#include <vector>

namespace zako {

struct builtin_text {
  std::string_view id;          // "zako:rules/cc"
  std::string_view purpose;     // one line, without a full stop
  std::string_view javascript;  // what runs
  std::string_view declaration; // TypeScript's declaration; empty when there is none
};

/// All that have a source, sorted by id.
std::vector<builtin_text> builtin_texts();

} // namespace zako
