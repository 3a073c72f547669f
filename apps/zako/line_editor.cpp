// libedit, with a reader of its own that can be interrupted.
#include "apps/zako/line_editor.hpp"

#include <histedit.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <termios.h>
#include <unistd.h>

#include <cassert>
#include <cerrno>
#include <clocale>
#include <cstdint>
#include <cstdio>
#include <cwchar>

#include <fmt/format.h>

#include "apps/zako/completion.hpp"
#include "apps/zako/display/output.hpp"

namespace zako {

namespace {

constexpr int history_lines = 1000;
constexpr std::size_t most_shown = 200; // words

/// Words side by side, in lines of the terminal's width.
std::string listed(const std::vector<std::string>& words, std::size_t width) {
  std::string out = "\n";
  std::size_t column = 0;
  for (std::size_t i = 0; i < words.size() && i < most_shown; ++i) {
    if (column > 0 && column + words[i].size() + 2 > width) {
      out += '\n';
      column = 0;
    }
    out += words[i] + "  ";
    column += words[i].size() + 2;
  }
  if (words.size() > most_shown)
    out += fmt::format("… {} more", words.size() - most_shown);
  return out + '\n';
}

} // namespace

struct line_editor::state {
  completer complete;
  EditLine* edit = nullptr;
  History* history = nullptr;
  int wake = -1;
  bool interrupted = false;
  std::string prompt;
  termios found{};

  static state& of(EditLine* edit) {
    void* self = nullptr;
    el_get(edit, EL_CLIENTDATA, &self);
    return *static_cast<state*>(self);
  }

  static char* show_prompt(EditLine* edit) { return of(edit).prompt.data(); }

  /// One character, from however many bytes.
  static int read_character(EditLine* edit, wchar_t* out) {
    auto& self = of(edit);
    std::mbstate_t partial{};
    for (;;) {
      pollfd sources[] = {{STDIN_FILENO, POLLIN, 0}, {self.wake, POLLIN, 0}};
      if (::poll(sources, 2, -1) < 0 && errno != EINTR)
        return -1;
      if (sources[1].revents != 0) {
        std::uint64_t count = 0;
        self.interrupted = ::read(self.wake, &count, sizeof count) > 0;
        return -1;
      }
      if (sources[0].revents == 0)
        continue;
      char byte = 0;
      auto n = ::read(STDIN_FILENO, &byte, 1);
      if (n <= 0)
        return static_cast<int>(n);
      auto used = std::mbrtowc(out, &byte, 1, &partial);
      if (used == static_cast<std::size_t>(-1))
        partial = {}; // no character: left out
      else if (used != static_cast<std::size_t>(-2))
        return 1;
    }
  }

  static unsigned char complete_word(EditLine* edit, int) {
    auto& self = of(edit);
    auto* line = el_line(edit);
    auto size = static_cast<std::size_t>(line->lastchar - line->buffer);
    auto found =
        self.complete({line->buffer, size}, static_cast<std::size_t>(line->cursor - line->buffer));
    auto more = common_beginning(found.all);
    if (more.size() > found.begun)
      return el_insertstr(edit, more.c_str() + found.begun) == 0 ? CC_REFRESH : CC_ERROR;
    if (found.all.size() < 2)
      return CC_ERROR;
    write_all(STDOUT_FILENO, listed(found.all, width_of_terminal(STDOUT_FILENO, 80)));
    return CC_REDISPLAY;
  }
};

line_editor::line_editor(completer complete) : state_(std::make_unique<state>()) {
  std::setlocale(LC_CTYPE, ""); // what bytes make a character
  state_->complete = std::move(complete);
  ::tcgetattr(STDIN_FILENO, &state_->found);
  state_->wake = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  state_->edit = el_init("zako", stdin, stdout, stderr);
  state_->history = history_init();
  assert(state_->wake >= 0 && state_->edit && state_->history);
  HistEvent event;
  history(state_->history, &event, H_SETSIZE, history_lines);
  history(state_->history, &event, H_SETUNIQUE, 1);
  auto* edit = state_->edit;
  el_set(edit, EL_CLIENTDATA, state_.get());
  el_set(edit, EL_PROMPT, state::show_prompt);
  el_set(edit, EL_EDITOR, "emacs");
  el_set(edit, EL_HIST, history, state_->history);
  el_set(edit, EL_GETCFN, state::read_character);
  el_set(edit, EL_ADDFN, "complete-word", "Complete a name", state::complete_word);
  el_set(edit, EL_BIND, "^I", "complete-word", nullptr);
}

line_editor::~line_editor() {
  el_end(state_->edit);
  history_end(state_->history);
  ::close(state_->wake);
}

line_editor::end line_editor::read(const std::string& prompt, std::string& line) {
  state_->prompt = prompt;
  state_->interrupted = false;
  int count = 0;
  const char* got = el_gets(state_->edit, &count);
  if (state_->interrupted) {
    write_all(STDOUT_FILENO, "\n");
    return end::interrupted;
  }
  if (!got || count <= 0) {
    write_all(STDOUT_FILENO, "\n");
    return end::closed;
  }
  line.assign(got, static_cast<std::size_t>(count));
  HistEvent event;
  if (line.find_first_not_of(" \t\r\n") != std::string::npos)
    history(state_->history, &event, H_ENTER, line.c_str());
  while (line.ends_with('\n') || line.ends_with('\r'))
    line.pop_back();
  return end::line;
}

void line_editor::interrupt() {
  std::uint64_t one = 1;
  [[maybe_unused]] auto written = ::write(state_->wake, &one, sizeof one);
}

void line_editor::restore() {
  ::tcsetattr(STDIN_FILENO, TCSANOW, &state_->found);
}

} // namespace zako
