// What was typed in one session of the repl. Scripts give the same result each time, so a session
// is the list of its inputs: each new one is run after all of them, as one memory module. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "apps/zako/typed_text.hpp"

namespace zako {

/// A module's source, and where in it stands what was typed.
struct composed_module {
  std::string source;
  std::vector<typed_text> texts;
};

class repl_session {
public:
  /// Everything so far, then `next`: an expression or statements. Of an expression the result is
  /// a list with its value as a text (`inspect` of zako:console), or null for undefined; of
  /// statements null. What earlier inputs print, at once or later, comes first.
  [[nodiscard]] composed_module then(const typed_input& next) const;
  /// Everything so far; the result is the value of `expression`.
  [[nodiscard]] composed_module then_ask(const std::string& expression) const;

  /// `input` belongs to the session from now on, and printed so many lines.
  void accept(typed_input input, std::size_t lines);
  /// Lines that the inputs so far print, each time.
  [[nodiscard]] std::size_t printed() const { return printed_; }
  /// The names that they declare and import.
  [[nodiscard]] std::vector<std::string> names() const;
  void clear();

private:
  std::vector<typed_input> inputs_;
  std::size_t printed_ = 0;
};

} // namespace zako
