// zako verify: finds damaged state and sets it aside. Starts no engine.
#include <unistd.h>

#include <chrono>
#include <optional>

#include <fmt/format.h>

#include "actors/maintenance.hpp"
#include "apps/zako/commands/commands.hpp"
#include "apps/zako/display/output.hpp"
#include "apps/zako/exit_code.hpp"

namespace zako {

namespace {

/// One line on a terminal that is drawn again a few times a second.
class progress_line {
public:
  void show(std::uint64_t done, std::uint64_t all) {
    constexpr std::chrono::milliseconds pause{100};
    auto now = std::chrono::steady_clock::now();
    if (!screen_.live || (drawn_ && now - *drawn_ < pause))
      return;
    drawn_ = now;
    write_all(STDERR_FILENO,
              fmt::format("{}verifying: {} of {}", erase, size_of(done), size_of(all)));
  }
  ~progress_line() {
    if (drawn_)
      write_all(STDERR_FILENO, erase);
  }

private:
  static constexpr const char* erase = "\r\x1b[K";
  screen screen_ = screen_of(STDERR_FILENO);
  std::optional<std::chrono::steady_clock::time_point> drawn_;
};

} // namespace

int verify_command(const place& where, stop_signal& stop) {
  std::uint64_t bytes = 0;
  auto found = when_unlocked(stop, [&] {
    progress_line line;
    return verify_state({where.workspace, {}}, [&](std::uint64_t done, std::uint64_t all) {
      line.show(done, all);
      bytes = all;
      return !stop.stopped();
    });
  });
  if (stop.stopped() && !found)
    return say_interrupted();
  if (!found)
    return fail_with(found.error());
  for (auto& x : *found)
    write_all(STDOUT_FILENO, fmt::format("damaged: {}\n  {}\n", x.what, x.where));
  if (found->empty()) {
    write_all(STDOUT_FILENO, fmt::format("nothing is damaged: all records and {} of blobs are "
                                         "as they were stored\n",
                                         size_of(bytes)));
    return exit_good;
  }
  write_all(STDOUT_FILENO, fmt::format("{} damaged; the next build that needs it makes it again\n",
                                       found->size()));
  return exit_failed;
}

} // namespace zako
