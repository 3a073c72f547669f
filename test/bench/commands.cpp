// Reads "[3/36] TITLE" lines, and commands quoted as for a shell.
#include "test/bench/commands.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "test/bench/benchmark.hpp"

namespace zako::bench {

namespace {

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> out;
  while (!text.empty()) {
    auto end = std::min(text.find('\n'), text.size());
    out.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

bool is_counter(std::string_view word) {
  return word.size() > 4 && word.front() == '[' && word.back() == ']' &&
         word.find_first_not_of("0123456789/", 1) == word.size() - 1;
}

/// "TITLE (0.02 s)" without the time.
std::string_view without_time(std::string_view title) {
  auto open = title.rfind(" (");
  return open != std::string_view::npos && title.ends_with(" s)") ? title.substr(0, open) : title;
}

/// Words as a shell splits them, for words quoted with '...' and \' only.
std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> out;
  bool inside = false, quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto c = text[i];
    if (!quoted && c == ' ') {
      inside = false;
      continue;
    }
    if (!std::exchange(inside, true))
      out.emplace_back();
    if (c == '\'')
      quoted = !quoted;
    else if (!quoted && c == '\\' && i + 1 < text.size())
      out.back() += text[++i];
    else
      out.back() += c;
  }
  return out;
}

std::string shell_quoted(const std::string& word) {
  if (word.find_first_of(" \t\n'\"\\$`&|;<>()*?[]#~!{}") == std::string::npos && !word.empty())
    return word;
  std::string out = "'";
  for (auto c : word)
    out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

std::string ninja_escaped(std::string_view text, std::string_view special) {
  std::string out;
  for (auto c : text) {
    if (special.find(c) != std::string_view::npos)
      out += '$';
    out += c;
  }
  return out;
}

std::string after(const std::vector<std::string>& words, std::string_view flag) {
  auto found = std::find(words.begin(), words.end(), flag);
  return found == words.end() || found + 1 == words.end() ? std::string() : *(found + 1);
}

struct edge {
  std::string output, depfile;
  std::vector<std::string> inputs;
};

bool is_linked(const std::string& word) {
  return !word.starts_with('-') && (word.ends_with(".o") || word.ends_with(".a"));
}

edge edge_of(const ran_action& x) {
  edge out;
  out.depfile = after(x.words, "-MF");
  if (auto source = after(x.words, "-c"); !source.empty()) {
    out.output = after(x.words, "-o");
    out.inputs = {source};
  } else {
    out.output = after(x.words, "-o");
    for (auto& word : x.words)
      if (word != out.output && is_linked(word)) {
        if (out.output.empty())
          out.output = word; // an archive: `ar FLAGS OUTPUT INPUTS`
        else
          out.inputs.push_back(word);
      }
  }
  if (out.output.empty() || out.inputs.empty())
    throw failure(fmt::format("cannot tell what this command makes: {}", fmt::join(x.words, " ")));
  return out;
}

} // namespace

std::vector<ran_action> actions_in(std::string_view output) {
  std::vector<ran_action> out;
  auto lines = lines_of(output);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    auto space = lines[i].find(' ');
    if (space == std::string_view::npos || !is_counter(lines[i].substr(0, space)))
      continue;
    out.push_back({std::string(without_time(lines[i].substr(space + 1))), {}});
    if (i + 1 < lines.size() && lines[i + 1].starts_with("  "))
      out.back().words = split(lines[i + 1].substr(2));
  }
  return out;
}

std::string ninja_file(const std::vector<ran_action>& actions) {
  std::string out = "rule run\n  command = $words\n  description = $title\n"
                    "rule compile\n  command = $words\n  description = $title\n"
                    "  depfile = $made_depfile\n  deps = gcc\n";
  for (auto& x : actions) {
    auto made = edge_of(x);
    std::vector<std::string> words;
    std::string inputs;
    for (auto& word : x.words)
      words.push_back(shell_quoted(word));
    for (auto& path : made.inputs)
      inputs += ' ' + ninja_escaped(path, "$ :");
    out += fmt::format("build {}: {}{}\n  words = {}\n  title = {}\n",
                       ninja_escaped(made.output, "$ :"), made.depfile.empty() ? "run" : "compile",
                       inputs, ninja_escaped(fmt::format("{}", fmt::join(words, " ")), "$"),
                       ninja_escaped(x.title, "$"));
    if (!made.depfile.empty())
      out += fmt::format("  made_depfile = {}\n", ninja_escaped(made.depfile, "$"));
  }
  return out;
}

} // namespace zako::bench
