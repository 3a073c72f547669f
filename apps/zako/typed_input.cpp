// Asks the transpiler.
#include "apps/zako/typed_input.hpp"

#include <algorithm>
#include <cctype>

namespace zako {

namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/// Where the first token begins.
std::size_t skip_blanks(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    if (is_blank(text[i]))
      ++i;
    else if (text.substr(i).starts_with("//"))
      i = std::min(text.size(), text.find('\n', i));
    else if (auto end = text.find("*/", i + 2);
             text.substr(i).starts_with("/*") && end != std::string_view::npos)
      i = end + 2;
    else
      return i;
  }
  return text.size();
}

bool starts_with_word(std::string_view text, std::string_view word) {
  auto part_of_name = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '$';
  };
  return text.starts_with(word) && (text.size() == word.size() || !part_of_name(text[word.size()]));
}

bool declares(std::string_view text) {
  text.remove_prefix(skip_blanks(text));
  if (starts_with_word(text, "async")) {
    text.remove_prefix(5);
    text.remove_prefix(skip_blanks(text));
    return starts_with_word(text, "function");
  }
  return starts_with_word(text, "function") || starts_with_word(text, "class");
}

std::string without_end(std::string text) {
  while (!text.empty() && (is_blank(text.back()) || text.back() == ';'))
    text.pop_back();
  return text;
}

/// The first syntax error is that the text ends.
bool ends_early(const error& e, const std::string& text) {
  auto& first = e.causes.empty() ? e : e.causes.front();
  auto lines = static_cast<std::uint32_t>(std::count(text.begin(), text.end(), '\n'));
  return first.code == errc::syntax && first.position && first.position->line > lines;
}

} // namespace

std::string in_brackets(const std::string& expression) {
  return "(\n" + expression + "\n)";
}

typed_input look_at_input(transpiler& with, std::string text, const std::string& module) {
  typed_input out;
  if (skip_blanks(text) == text.size())
    return out;
  auto expression = without_end(text);
  if (!declares(text) && with.transpile(in_brackets(expression), module)) {
    out.form = input_form::expression;
    out.text = std::move(expression);
    return out;
  }
  // The end of the text is then on a line of its own.
  text += '\n';
  auto read = with.transpile(text, module);
  out.form = input_form::statements;
  if (!read) {
    // An open template text is told where it begins: with one more quote it is whole, or ends
    // early.
    auto closed = text + "`\n";
    auto again = with.transpile(closed, module);
    bool early = ends_early(read.error(), text) || again || ends_early(again.error(), closed);
    out.form = early ? input_form::unfinished : input_form::wrong;
    out.why = std::move(read.error());
  }
  text.pop_back();
  out.text = std::move(text);
  return out;
}

} // namespace zako
