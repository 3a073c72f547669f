// Stored values as text, for people: `zako dump`. Knows the values of the build's kinds.
#pragma once

#include <string>
#include <string_view>

namespace zako {

/// The members of a value of that kind, a line each (or a line for each element of a list), without
/// indentation; for kinds of an embedder and bytes that are no such value, their number and the
/// first of them in hexadecimal. Ends with a line break.
std::string value_text(std::string_view kind, std::string_view bytes);

} // namespace zako
