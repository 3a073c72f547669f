// Moves places.
#include "apps/zako/typed_text.hpp"

#include <algorithm>

#include "engine/script.hpp"

namespace zako {

namespace {

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> out(1);
  for (char c : text)
    if (c == '\n')
      out.emplace_back();
    else
      out.back() += c;
  return out;
}

void move_place(source_position& at, std::string& frame, const typed_text& text) {
  auto lines = lines_of(text.text);
  at.line -= text.first_line - 1;
  if (at.line > lines.size()) {
    at.line = static_cast<std::uint32_t>(lines.size());
    at.column = static_cast<std::uint32_t>(lines.back().size() + 1);
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
    auto after = std::upper_bound(texts.begin(), texts.end(), e.position->line,
                                  [](auto line, auto& x) { return line < x.first_line; });
    if (e.position->line > 0 && after != texts.begin())
      move_place(*e.position, e.frame, *std::prev(after));
  }
  for (auto& cause : e.causes)
    cause = in_typed_texts(std::move(cause), id, texts);
  return e;
}

} // namespace zako
