// Dependency files: the Makefile fragments that compilers write with -MD.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace zako {

/// The prerequisites of every rule in the text, unescaped, in order, each once. Paths inside
/// `workspace` (absolute, without a trailing '/') and relative ones become neutral paths; others
/// stay absolute. The format is what GCC and Clang write: "target: a b \<newline> c", with '\ ' for
/// a space, '\#' and '$$'.
std::vector<std::string> parse_depfile(std::string_view text, std::string_view workspace);

} // namespace zako
