// One file descriptor that people or programs read: what it can show, and whole writes.
#pragma once

#include <string_view>

#include "apps/zako/display/text.hpp"

namespace zako {

/// What the descriptor can show, by what it is and by $NO_COLOR and $TERM.
screen screen_of(int fd);
/// The columns of a terminal now; `otherwise` when it does not tell.
std::size_t width_of_terminal(int fd, std::size_t otherwise);
/// Writes all of it; what cannot be written any more is dropped.
void write_all(int fd, std::string_view text);

} // namespace zako
