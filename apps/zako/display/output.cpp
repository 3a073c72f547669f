// isatty, TIOCGWINSZ, write.
#include "apps/zako/display/output.hpp"

#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string>

namespace zako {

screen screen_of(int fd) {
  screen out;
  auto variable = [](const char* name) {
    auto* text = std::getenv(name);
    return std::string(text ? text : "");
  };
  out.live = isatty(fd) == 1 && variable("TERM") != "dumb" && !variable("TERM").empty();
  out.colours = out.live && variable("NO_COLOR").empty();
  if (out.live)
    out.width = width_of_terminal(fd, out.width);
  return out;
}

std::size_t width_of_terminal(int fd, std::size_t otherwise) {
  winsize size{};
  if (ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
    return otherwise;
  return size.ws_col;
}

void write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    auto n = write(fd, text.data(), text.size());
    if (n > 0) {
      text.remove_prefix(static_cast<std::size_t>(n));
    } else if (errno == EAGAIN) {
      pollfd room{fd, POLLOUT, 0};
      poll(&room, 1, -1);
    } else if (errno != EINTR) {
      return;
    }
  }
}

} // namespace zako
