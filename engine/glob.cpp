// Globs: alternatives are written out once, then a path is matched part by part.
#include "engine/glob.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "engine/path.hpp"

namespace zako {

namespace {

constexpr std::size_t max_alternatives = 1000;

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> out;
  for (;;) {
    auto slash = text.find('/');
    auto part = text.substr(0, slash);
    if (!part.empty() && part != ".")
      out.emplace_back(part);
    if (slash == std::string_view::npos)
      return out;
    text.remove_prefix(slash + 1);
  }
}

/// Where the set that starts at text[0] == '[' ends (the index of ']'), or npos. A ']' right after
/// the start is literal.
std::size_t set_end(std::string_view text) {
  std::size_t i = 1;
  if (i < text.size() && (text[i] == '!' || text[i] == '^'))
    ++i;
  if (i < text.size() && text[i] == ']')
    ++i;
  return text.find(']', i);
}

bool in_set(std::string_view set, char c) { // `set` without the brackets
  bool negated = !set.empty() && (set[0] == '!' || set[0] == '^');
  if (negated)
    set.remove_prefix(1);
  bool found = false;
  auto byte = [](char x) { return static_cast<unsigned char>(x); };
  for (std::size_t i = 0; i < set.size(); ++i) {
    if (i + 2 < set.size() && set[i + 1] == '-') {
      found = found || (byte(set[i]) <= byte(c) && byte(c) <= byte(set[i + 2]));
      i += 2;
    } else {
      found = found || set[i] == c;
    }
  }
  return found != negated;
}

/// The bytes of the character that starts at text[0]: `?` and sets take whole characters.
std::size_t character_size(std::string_view text) {
  auto lead = static_cast<unsigned char>(text[0]);
  std::size_t size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
  return std::min(size, text.size());
}

/// One part against one pattern part without alternatives. Linear but for the last `*` (classic
/// backtracking).
bool match_part(std::string_view pattern, std::string_view text, glob::dots dots) {
  if (dots == glob::dots::explicitly && text.starts_with('.') && !pattern.starts_with('.'))
    return false;
  std::size_t p = 0, t = 0;
  std::size_t star = std::string_view::npos, resume = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
      continue;
    }
    auto size = character_size(text.substr(t));
    if (p < pattern.size() && pattern[p] == '?') {
      ++p;
      t += size;
      continue;
    }
    if (p < pattern.size() && pattern[p] == '[') {
      auto end = p + set_end(pattern.substr(p));
      auto set = pattern.substr(p + 1, end - p - 1);
      bool negated = set.starts_with('!') || set.starts_with('^');
      if (size == 1 ? in_set(set, text[t]) : negated) {
        p = end + 1;
        t += size;
        continue;
      }
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
      continue;
    }
    if (star == std::string_view::npos)
      return false;
    p = star + 1;
    t = ++resume;
  }
  while (p < pattern.size() && pattern[p] == '*')
    ++p;
  return p == pattern.size();
}

/// Walks the states "i pattern parts are used up" through the path's parts: no recursion, no
/// blow-up.
std::vector<bool> states_after(const std::vector<std::string>& pattern,
                               const std::vector<std::string>& path, glob::dots dots) {
  std::vector<bool> at(pattern.size() + 1, false);
  auto close = [&](std::vector<bool>& states) { // a `**` may stand for nothing
    for (std::size_t i = 0; i < pattern.size(); ++i)
      if (states[i] && pattern[i] == "**")
        states[i + 1] = true;
  };
  at[0] = true;
  close(at);
  for (auto& part : path) {
    std::vector<bool> next(pattern.size() + 1, false);
    for (std::size_t i = 0; i < pattern.size(); ++i) {
      if (!at[i])
        continue;
      if (pattern[i] == "**")
        next[i] = next[i] || dots == glob::dots::as_others || !part.starts_with('.');
      else if (match_part(pattern[i], part, dots))
        next[i + 1] = true;
    }
    close(next);
    at = std::move(next);
  }
  return at;
}

/// Writes the alternatives of the first top-level group out, each with everything after it, until
/// none is left.
bool expand(std::string pattern, std::vector<std::string>& out) {
  auto open = pattern.find('{');
  if (open == std::string::npos) {
    if (pattern.find('}') != std::string::npos)
      return false;
    out.push_back(std::move(pattern));
    return out.size() <= max_alternatives;
  }
  std::vector<std::string> choices(1);
  int depth = 0;
  auto i = open + 1;
  for (; i < pattern.size(); ++i) {
    auto c = pattern[i];
    if (c == '}' && depth == 0)
      break;
    if (c == ',' && depth == 0) {
      choices.emplace_back();
      continue;
    }
    depth += c == '{' ? 1 : c == '}' ? -1 : 0;
    choices.back() += c;
  }
  if (i == pattern.size() || choices.size() > max_alternatives)
    return false;
  auto head = pattern.substr(0, open), tail = pattern.substr(i + 1);
  for (auto& choice : choices)
    if (!expand(head + choice + tail, out))
      return false;
  return true;
}

tl::unexpected<error> bad(std::string_view pattern, std::string_view why) {
  return fail(errc::invalid_argument, fmt::format("the pattern '{}' {}", pattern, why));
}

} // namespace

result<glob> glob::parse(std::string_view pattern, dots d) {
  if (pattern.empty())
    return bad(pattern, "is empty");
  if (pattern.size() > 4096)
    return bad(pattern.substr(0, 40), "is longer than 4,096 bytes");
  for (auto c : pattern)
    if (static_cast<unsigned char>(c) < 0x20 || c == '\\' || c == 0x7f)
      return bad(pattern, "holds a backslash or control character");
  std::vector<std::string> texts;
  if (!expand(std::string(pattern), texts))
    return bad(pattern, "has unbalanced '{' or '}', or too many alternatives");
  glob out;
  out.dots_ = d;
  for (auto& text : texts) {
    if (text.starts_with('/'))
      return bad(pattern, "is absolute");
    auto pieces = split(text);
    if (pieces.empty())
      return bad(pattern, "names no file");
    for (auto& piece : pieces) {
      if (piece == "..")
        return bad(pattern, "leaves its folder with '..'");
      if (piece != "**" && piece.find("**") != std::string::npos)
        return bad(pattern, "uses '**' beside other characters of one part");
      for (std::size_t i = piece.find('['); i != std::string::npos; i = piece.find('[', i)) {
        auto end = set_end(std::string_view(piece).substr(i));
        if (end == std::string::npos)
          return bad(pattern, "has a '[' without ']'");
        i += end;
      }
    }
    out.alternatives_.push_back(std::move(pieces));
  }
  return out;
}

bool glob::matches(std::string_view path) const {
  auto parts = split(path);
  return std::any_of(alternatives_.begin(), alternatives_.end(), [&](auto& pattern) -> bool {
    return states_after(pattern, parts, dots_).back();
  });
}

bool glob::may_match_below(std::string_view folder) const {
  auto parts = split(folder);
  return std::any_of(alternatives_.begin(), alternatives_.end(), [&](auto& pattern) {
    auto states = states_after(pattern, parts, dots_);
    return std::any_of(states.begin(), states.end() - 1, [](bool x) { return x; });
  });
}

bool glob::matches_all_below(std::string_view folder) const {
  auto parts = split(folder);
  return std::any_of(alternatives_.begin(), alternatives_.end(), [&](auto& pattern) -> bool {
    return pattern.back() == "**" && states_after(pattern, parts, dots_)[pattern.size() - 1];
  });
}

bool glob_match(std::string_view pattern, std::string_view path) {
  auto parsed = glob::parse(pattern);
  return parsed && parsed->matches(path);
}

result<void> check_glob(std::string_view pattern) {
  auto parsed = glob::parse(pattern);
  if (!parsed)
    return tl::unexpected(std::move(parsed.error()));
  return {};
}

} // namespace zako
