// Texts that a person typed, and the memory module that was made of them: errors of the module as
// errors in the texts. Pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/error.hpp"

namespace zako {

enum class input_form {
  nothing,    // blanks and comments
  expression, // has a value; `text` is without a semicolon at its end
  statements,
  unfinished, // more lines may make it whole
  wrong,
};

/// One input, as it was found to be (typed_input.hpp).
struct typed_input {
  input_form form = input_form::nothing;
  std::string text;
  std::optional<error> why; // of `unfinished` and `wrong`: the syntax errors, in places of the text
};

/// A text that stands in a module's source as it was typed, from the beginning of a line on.
struct typed_text {
  std::string text;
  std::uint32_t first_line = 1; // the module's line that it begins on
};

/// `e` with every place in the memory module `id` as a place in the text that stands there, with
/// that text's lines as the code frame, and with the module called "<eval>" and not "memory:eval".
/// A place before a text is its beginning: V8 takes the beginning of a statement for that of what
/// is called in it. One after the last is that one's end. `texts` are in the module's order.
error in_typed_texts(error e, const std::string& id, const std::vector<typed_text>& texts);

} // namespace zako
