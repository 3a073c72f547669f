// Looks at words, quotes and brackets.
#include "apps/zako/completion.hpp"

#include <algorithm>
#include <optional>

namespace zako {

namespace {

bool in_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '$';
}

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_blank(text.back()))
    text.remove_suffix(1);
  while (!text.empty() && is_blank(text.front()))
    text.remove_prefix(1);
  return text;
}

std::string_view last_word(std::string_view text) {
  auto begin = text.size();
  while (begin > 0 && in_name(text[begin - 1]))
    --begin;
  return text.substr(begin);
}

/// Where the quotes that are open at the end begin.
std::optional<std::size_t> open_quote(std::string_view text) {
  std::optional<std::size_t> open;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\')
      ++i;
    else if (open && text[i] == text[*open])
      open.reset();
    else if (!open && (text[i] == '"' || text[i] == '\'' || text[i] == '`'))
      open = i;
  }
  return open;
}

bool imports(std::string_view before) {
  before = trimmed(before);
  if (before.ends_with('('))
    before = trimmed(before.substr(0, before.size() - 1));
  auto word = last_word(before);
  return word == "from" || word == "import";
}

/// The module that the rest of an import's line names.
std::string_view module_after(std::string_view text) {
  auto from = text.find("from");
  auto begin = from == std::string_view::npos ? from : text.find_first_of("\"'", from);
  if (begin == std::string_view::npos)
    return {};
  auto end = text.find(text[begin], begin + 1);
  return text.substr(begin + 1, end == std::string_view::npos ? end : end - begin - 1);
}

bool in_import_braces(std::string_view before) {
  auto brace = before.rfind('{');
  if (brace == std::string_view::npos || before.find('}', brace) != std::string_view::npos)
    return false;
  auto start = trimmed(before.substr(0, brace));
  return start.starts_with("import") && start.find_first_of("\"'`;({=") == std::string_view::npos;
}

/// "a.b" of "… a.b"; empty where that is no path of names.
std::string_view path_at_end(std::string_view text) {
  auto begin = text.size();
  while (begin > 0 && (in_name(text[begin - 1]) || text[begin - 1] == '.'))
    --begin;
  auto path = text.substr(begin);
  bool number = !path.empty() && path.front() >= '0' && path.front() <= '9';
  bool whole =
      begin == 0 || std::string_view(")]?\"'`}").find(text[begin - 1]) == std::string_view::npos;
  return number || !whole || path.starts_with('.') || path.find("..") != std::string_view::npos
             ? std::string_view()
             : path;
}

/// Names, quoted texts and single marks, one after the other; comments are left out.
class token_reader {
public:
  explicit token_reader(std::string_view text) : text_(text) {}

  std::string_view next() {
    skip();
    auto begin = at_;
    if (at_ == text_.size())
      return {};
    if (auto quote = text_[at_]; quote == '"' || quote == '\'' || quote == '`') {
      for (++at_; at_ < text_.size() && text_[at_] != quote; ++at_)
        at_ += text_[at_] == '\\' ? 1 : 0;
      at_ = std::min(at_ + 1, text_.size());
    } else {
      while (at_ < text_.size() && in_name(text_[at_]))
        ++at_;
      at_ += at_ == begin ? 1 : 0;
    }
    return text_.substr(begin, at_ - begin);
  }

private:
  void skip() {
    for (;;) {
      auto rest = text_.substr(at_);
      auto end = rest.starts_with("//")   ? rest.find('\n')
                 : rest.starts_with("/*") ? rest.find("*/")
                                          : std::string_view::npos;
      if (rest.starts_with("//") || rest.starts_with("/*"))
        at_ = end == std::string_view::npos ? text_.size() : at_ + end + 1;
      else if (!rest.empty() && (is_blank(rest.front()) || rest.starts_with("*/")))
        ++at_;
      else
        return;
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

bool is_name(std::string_view token) {
  return !token.empty() && in_name(token.front()) &&
         !(token.front() >= '0' && token.front() <= '9');
}

/// After `import` or `const`: the names up to the end of the clause, or up to the value. Of `a: b`
/// and `a as b` it is the second.
void read_names(token_reader& in, bool imported, std::vector<declared_name>& out) {
  std::string_view held;
  int depth = 0;
  bool type = false, value = false; // a default within brackets
  auto keep = [&] {
    if (!held.empty() && !value)
      out.push_back({std::string(held), imported && !type});
    held = {};
    value = false;
  };
  for (auto token = in.next(); !token.empty(); token = in.next()) {
    if (token == "type" && imported && depth == 0 && held.empty()) {
      type = true;
    } else if (token == "{" || token == "[") {
      held = {};
      ++depth;
    } else if (token == "}" || token == "]") {
      keep();
      if (--depth == 0 && !imported)
        return;
    } else if (token == ",") {
      keep();
    } else if (token == "=") {
      keep();
      if (depth == 0)
        return;
      value = true;
    } else if (token == "from" || token == ";" || (depth == 0 && token == ":")) {
      break;
    } else if (is_name(token) && token != "as" && token != "type") {
      held = value ? held : token;
    } else if (!is_name(token) && token != "*" && token != ":" && token != "." && !value) {
      return; // `import "x"`, `import(…)`, or nothing that is a declaration
    }
  }
  keep();
}

} // namespace

completion_place completion_at(std::string_view line, std::size_t cursor) {
  auto before = line.substr(0, cursor);
  if (auto quote = open_quote(before)) {
    if (!imports(before.substr(0, *quote)))
      return {};
    return {completion_of::modules, {}, std::string(before.substr(*quote + 1))};
  }
  std::string begun(last_word(before));
  if (in_import_braces(before)) {
    auto module = module_after(line.substr(cursor));
    if (module.empty())
      return {};
    return {completion_of::exports, std::string(module), std::move(begun)};
  }
  auto path = path_at_end(before);
  if (path.empty())
    return {};
  auto dot = path.rfind('.');
  if (dot == std::string_view::npos)
    return {completion_of::names, {}, std::move(begun)};
  return {completion_of::members, std::string(path.substr(0, dot)), std::move(begun)};
}

std::vector<declared_name> declared_names(std::string_view text) {
  std::vector<declared_name> out;
  token_reader in(text);
  for (auto token = in.next(); !token.empty(); token = in.next()) {
    if (token == "import" || token == "const" || token == "let" || token == "var") {
      read_names(in, token == "import", out);
    } else if (token == "function" || token == "class" || token == "enum" || token == "namespace") {
      auto name = in.next();
      if (name == "*")
        name = in.next();
      if (is_name(name))
        out.push_back({std::string(name), false});
    }
  }
  return out;
}

std::vector<std::string> words_that_begin(std::vector<std::string> words, std::string_view begun) {
  std::erase_if(words, [&](auto& x) {
    return !x.starts_with(begun) || x.starts_with("__") || x.empty() ||
           (x.find(':') == std::string::npos && !(is_name(x) && std::ranges::all_of(x, in_name)));
  });
  std::ranges::sort(words);
  auto same = std::ranges::unique(words);
  words.erase(same.begin(), same.end());
  return words;
}

std::string common_beginning(const std::vector<std::string>& words) {
  if (words.empty())
    return {};
  auto out = words.front();
  for (auto& x : words)
    out.resize(static_cast<std::size_t>(std::ranges::mismatch(out, x).in1 - out.begin()));
  return out;
}

} // namespace zako
