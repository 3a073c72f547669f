// Moves places.
#include "apps/zako/typed_text.hpp"

#include <algorithm>

#include "engine/script.hpp"

namespace zako {

namespace {

std::uint32_t last_line(const typed_text& text) {
  auto lines = std::count(text.text.begin(), text.text.end(), '\n');
  return text.first_line + static_cast<std::uint32_t>(lines);
}

void move_place(source_position& at, std::string& frame, const typed_text& text) {
  if (at.line < text.first_line) {
    at.line = at.column = 1;
  } else if (at.line > last_line(text)) {
    at.line = last_line(text) - text.first_line + 1;
    at.column = static_cast<std::uint32_t>(text.text.size() - text.text.rfind('\n'));
  } else {
    at.line -= text.first_line - 1;
  }
  if (!frame.empty())
    frame = code_frame(text.text, at.line, at.column);
}

void rename(std::string& message, const std::string& from, const std::string& to) {
  for (std::size_t at = 0; (at = message.find(from, at)) != std::string::npos; at += to.size())
    message.replace(at, from.size(), to);
}

} // namespace

error in_typed_texts(error e, const std::string& id, const std::vector<typed_text>& texts) {
  auto name = shown_module(id);
  rename(e.message, id, name);
  if (e.position && e.position->file == id) {
    e.position->file = name;
    auto found = std::find_if(texts.begin(), texts.end(),
                              [&](auto& x) { return e.position->line <= last_line(x); });
    if (e.position->line > 0 && !texts.empty())
      move_place(*e.position, e.frame, found == texts.end() ? texts.back() : *found);
  }
  for (auto& cause : e.causes)
    cause = in_typed_texts(std::move(cause), id, texts);
  return e;
}

} // namespace zako
