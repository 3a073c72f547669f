// Errors as text: names of codes, code frames, and the whole error as a person reads it.
#include "engine/error.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace zako {

namespace {

constexpr std::array<std::string_view, static_cast<std::size_t>(last_errc)> names = {
    "internal",
    "cancelled",
    "io",
    "not_found",
    "invalid_argument",
    "invalid_path",
    "invalid_label",
    "invalid_manifest",
    "syntax",
    "unsupported",
    "script",
    "import_denied",
    "limit",
    "invalid_attribute",
    "cycle",
    "conflict",
    "tool_missing",
    "action_failed",
    "output_missing",
    "test_failed",
    "dependency",
    "corrupt",
    "locked",
    "worker_lost"};

bool may_pass(errc code) {
  switch (code) {
  case errc::cancelled:
  case errc::io:
  case errc::limit:
  case errc::locked:
  case errc::worker_lost:
  case errc::action_failed:
  case errc::test_failed:
  case errc::output_missing:
    return true;
  default:
    return false;
  }
}

/// Bytes of the line break at `at`, as JavaScript counts lines: CR, LF, both, U+2028, U+2029; or 0.
std::size_t line_break_length(std::string_view source, std::size_t at) {
  auto c = source[at];
  if (c == '\n')
    return 1;
  if (c == '\r')
    return source.substr(at, 2) == "\r\n" ? 2 : 1;
  auto three = c == '\xe2' ? source.substr(at, 3) : std::string_view{};
  return three == "\u2028" || three == "\u2029" ? 3 : 0;
}

/// The lines of a text from number `first` to `last`, without their ends; fewer when it has no
/// more.
std::vector<std::string_view> lines_of(std::string_view source, std::uint32_t first,
                                       std::uint32_t last) {
  std::vector<std::string_view> out;
  std::size_t begin = 0;
  std::uint32_t line = 1;
  for (std::size_t i = 0; line <= last; ++i) {
    auto length = i < source.size() ? line_break_length(source, i) : 0;
    if (length == 0 && i < source.size())
      continue;
    if (line >= first)
      out.push_back(source.substr(begin, i - begin));
    if (i == source.size())
      break;
    i += length - 1;
    begin = i + 1;
    ++line;
  }
  return out;
}

/// One character of a line as a frame shows it: its bytes and how many UTF-16 units it stands for.
struct character {
  std::string_view bytes;
  std::uint32_t units;
};

character first_character(std::string_view text) {
  auto lead = static_cast<unsigned char>(text[0]);
  std::size_t size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
  size = std::min(size, text.size());
  return {text.substr(0, size), size == 4 ? 2u : 1u};
}

constexpr std::uint32_t frame_width =
    160; // longer lines are shown from the position's surroundings

/// The characters of a line whose UTF-16 offsets lie in [from, from + frame_width); tabs become two
/// spaces.
std::string visible(std::string_view line, std::uint32_t from) {
  std::string out;
  std::uint32_t at = 0;
  while (!line.empty() && at < from + frame_width) {
    auto c = first_character(line);
    if (at >= from)
      out += c.bytes == "\t" ? std::string_view("  ") : c.bytes;
    at += c.units;
    line.remove_prefix(c.bytes.size());
  }
  if (!line.empty())
    out += "...";
  return out;
}

/// The blanks below what stands before `offset`, then carets below `length` units (at least one,
/// inside the line).
std::string carets(std::string_view line, std::uint32_t from, std::uint32_t offset,
                   std::uint32_t length) {
  std::string out;
  std::uint32_t at = 0;
  while (at < offset + length && at < from + frame_width && !line.empty()) {
    auto c = first_character(line);
    if (at >= from)
      out.append(c.bytes == "\t" ? 2 : 1, at < offset ? ' ' : '^');
    at += c.units;
    line.remove_prefix(c.bytes.size());
  }
  if (out.find('^') == std::string::npos)
    out += '^'; // just past the end of the line
  return out;
}

void append_lines(std::string& out, std::string_view text, std::string_view indent) {
  while (!text.empty()) {
    auto end = text.find('\n');
    auto line = text.substr(0, end);
    out += indent;
    out += line;
    out += '\n';
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
}

void append_error(std::string& out, const error& e, std::string_view lead,
                  const std::string& indent) {
  std::string head(lead);
  if (e.position && !e.position->file.empty()) {
    head += e.position->file;
    if (e.position->line > 0)
      head += fmt::format(":{}", e.position->line);
    if (e.position->line > 0 && e.position->column > 0)
      head += fmt::format(":{}", e.position->column);
    head += ": ";
  }
  auto first = e.message.substr(0, e.message.find('\n'));
  out += indent + head + first + '\n';
  if (first.size() < e.message.size())
    append_lines(out, std::string_view(e.message).substr(first.size() + 1),
                 indent + std::string(lead.size(), ' '));
  append_lines(out, e.frame, indent + "  ");
  for (auto& cause : e.causes)
    append_error(out, cause, "why: ", indent + "  ");
  if (!e.remedy.empty())
    out += indent + "  help: " + e.remedy + '\n';
}

} // namespace

std::string_view to_string(errc code) {
  auto i = static_cast<std::size_t>(code);
  return i >= 1 && i <= names.size() ? names[i - 1] : "unknown";
}

bool error::deterministic() const {
  return !may_pass(code) &&
         std::all_of(causes.begin(), causes.end(), [](auto& e) { return e.deterministic(); });
}

tl::unexpected<error> fail(errc code, std::string message, std::string remedy) {
  error e;
  e.code = code;
  e.message = std::move(message);
  e.remedy = std::move(remedy);
  return tl::unexpected<error>(std::move(e));
}

tl::unexpected<error> fail(error e) {
  return tl::unexpected<error>(std::move(e));
}

error error_at(errc code, std::string message, source_position where, std::string remedy) {
  error e;
  e.code = code;
  e.message = std::move(message);
  e.position = std::move(where);
  e.remedy = std::move(remedy);
  return e;
}

std::string code_frame(std::string_view source, std::uint32_t line, std::uint32_t column,
                       std::uint32_t length) {
  if (line == 0 || column == 0)
    return {};
  auto first = line > 2 ? line - 2 : 1;
  auto lines = lines_of(source, first, line + 1);
  if (lines.size() <= line - first)
    return {};
  std::uint32_t units = 0; // as far as it matters
  for (auto rest = lines[line - first]; !rest.empty() && units < column + frame_width;) {
    auto c = first_character(rest);
    units += c.units;
    rest.remove_prefix(c.bytes.size());
  }
  auto offset = column - 1;
  if (offset > units)
    return {};
  auto from = offset > frame_width / 2 && units > frame_width ? offset - frame_width / 2 : 0;
  auto width = std::to_string(line + 1).size();
  std::string out;
  for (auto i = first; i - first < lines.size(); ++i) {
    auto text = lines[i - first];
    if (i > line && text.empty())
      continue;
    out += fmt::format("{} {:>{}} | {}\n", i == line ? '>' : ' ', i, width, visible(text, from));
    if (i == line)
      out += fmt::format("  {:>{}} | {}\n", "", width,
                         carets(text, from, offset, std::max(length, 1u)));
  }
  return out;
}

std::string to_text(const error& e) {
  std::string out;
  append_error(out, e, "", "");
  return out;
}

} // namespace zako
