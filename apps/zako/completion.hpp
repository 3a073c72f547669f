// What may be completed where, by the text alone: pure functions. What there is, others know.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace zako {

enum class completion_of {
  nothing,
  modules, // between an import's quotes
  exports, // of the module `owner`: between an import's braces
  names,   // globals, and what was declared
  members, // of the value `owner`: "a.b"
};

struct completion_place {
  completion_of what = completion_of::nothing;
  std::string owner;
  std::string begun; // what is there of the word
};

/// The place at `cursor` in a line.
completion_place completion_at(std::string_view line, std::size_t cursor);

struct declared_name {
  std::string name;
  bool imported = false; // by an import that does not say `type`

  bool operator==(const declared_name&) const = default;
};

/// The names that a text declares or imports, in its order; those in brackets of other statements
/// may be among them.
std::vector<declared_name> declared_names(std::string_view text);

/// Words that begin so, sorted, each once; none that are no names, and none of the engine's own
/// ("__proto__").
std::vector<std::string> words_that_begin(std::vector<std::string> words, std::string_view begun);
/// How all of them begin.
std::string common_beginning(const std::vector<std::string>& words);

} // namespace zako
