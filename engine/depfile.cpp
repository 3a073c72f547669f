// Reads dependency files.
#include "engine/depfile.hpp"

#include <unordered_set>

#include "engine/path.hpp"

namespace zako {

namespace {

/// One word, unescaped, from `at` on; `at` moves behind it. Stops at unescaped white space and at
/// the rule's ':'.
std::string take_word(std::string_view text, std::size_t& at) {
  std::string word;
  while (at < text.size()) {
    char c = text[at];
    char next = at + 1 < text.size() ? text[at + 1] : '\0';
    if (c == '\\' && (next == ' ' || next == '#' || next == '\\' || next == ':')) {
      word += next;
      at += 2;
    } else if (c == '\\' && (next == '\n' || next == '\r')) {
      break;
    } else if (c == '$' && next == '$') {
      word += '$';
      at += 2;
    } else if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
      break;
    } else if (c == ':' &&
               (next == ' ' || next == '\n' || next == '\r' || next == '\t' || next == '\0')) {
      break;
    } else {
      word += c;
      ++at;
    }
  }
  return word;
}

std::string normalise(std::string word, std::string_view workspace) {
  if (word.size() > workspace.size() && word.starts_with(workspace) &&
      word[workspace.size()] == '/')
    word.erase(0, workspace.size() + 1);
  if (word.empty() || word[0] == '/')
    return word;
  auto inside = neutral_path::parse(word);
  return inside ? inside->str() : std::string(workspace) + '/' + word;
}

} // namespace

std::vector<std::string> parse_depfile(std::string_view text, std::string_view workspace) {
  std::vector<std::string> found;
  std::unordered_set<std::string> seen;
  bool in_prerequisites = false;
  for (std::size_t at = 0; at < text.size();) {
    char c = text[at];
    char next = at + 1 < text.size() ? text[at + 1] : '\0';
    if (c == '\\' && (next == '\n' || next == '\r')) {
      at += next == '\r' && at + 2 < text.size() && text[at + 2] == '\n' ? 3 : 2;
    } else if (c == '\n') {
      in_prerequisites = false;
      ++at;
    } else if (c == ' ' || c == '\t' || c == '\r') {
      ++at;
    } else if (c == ':' && !in_prerequisites) {
      in_prerequisites = true;
      ++at;
    } else {
      auto before = at;
      auto word = take_word(text, at);
      if (at == before) // a lone character that starts no word
        ++at;
      else if (in_prerequisites)
        if (auto path = normalise(std::move(word), workspace); seen.insert(path).second)
          found.push_back(std::move(path));
    }
  }
  return found;
}

} // namespace zako
