// Lines from a terminal, with editing, history and completion (libedit). Knows nothing of what they
// mean.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace zako {

class line_editor {
public:
  struct words {
    std::size_t begun = 0; // bytes before the cursor that every word begins with
    std::vector<std::string> all;
  };
  /// What fits at `cursor` in a line.
  using completer = std::function<words(std::string_view line, std::size_t cursor)>;

  explicit line_editor(completer complete);
  ~line_editor();

  enum class end { line, interrupted, closed };
  /// One line, without its end. `interrupted`: `interrupt` was called meanwhile; `closed`: Ctrl-D.
  end read(const std::string& prompt, std::string& line);

  /// From any thread: what was typed of the line is dropped.
  void interrupt();
  /// From any thread, before the process leaves: the terminal is as it was found.
  void restore();

private:
  struct state;
  std::unique_ptr<state> state_;
};

} // namespace zako
