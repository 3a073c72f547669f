// Base64 VLQ, relative segments, and how the mappings of two texts are put together.
#include "scripting/transpile/source_map.hpp"

namespace zako::transpile {

namespace {

constexpr std::string_view digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void append_vlq(std::string& out, std::int64_t value) {
  auto rest = value < 0 ? (static_cast<std::uint64_t>(-value) << 1) | 1
                        : static_cast<std::uint64_t>(value) << 1;
  do {
    auto digit = rest & 31;
    rest >>= 5;
    out += digits[digit | (rest != 0 ? 32 : 0)];
  } while (rest != 0);
}

/// Reads what `append_vlq` wrote.
std::int64_t read_vlq(std::string_view text, std::size_t& at) {
  std::uint64_t value = 0;
  for (unsigned shift = 0;; shift += 5) {
    auto digit = digits.find(text[at++]);
    value |= (digit & 31) << shift;
    if ((digit & 32) == 0)
      break;
  }
  auto magnitude = static_cast<std::int64_t>(value >> 1);
  return (value & 1) != 0 ? -magnitude : magnitude;
}

enum class glyph { space, word, punctuation };

glyph glyph_at(std::string_view text, std::size_t at) {
  auto c = text[at];
  if (c == ' ' || c == '\t' || c == '\n' || c == '\r' ||
      (c == '\xe2' && is_unicode_line_end(text, at)))
    return glyph::space;
  return is_word(c) ? glyph::word : glyph::punctuation;
}

} // namespace

void map_place::step(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    auto u = static_cast<unsigned char>(text[i]);
    auto length = u > '\r' && u != 0xe2 ? 0 : line_break_length(text, i);
    if (length > 0) {
      ++line;
      column = 0;
      i += length;
    } else {
      column += ((u & 0xc0) != 0x80) + (u >= 0xf0);
      ++i;
    }
  }
}

void map_writer::segment(const map_place& output, const map_place& source) {
  auto before = text_.size();
  auto& last = now_.last_output;
  if (output.line > last.line) {
    text_.append(static_cast<std::size_t>(output.line - last.line), ';');
    last = {.line = output.line, .column = 0};
    now_.first_of_line = true;
  }
  if (!now_.first_of_line)
    text_ += ',';
  now_.first_of_line = false;
  append_vlq(text_, output.column - last.column);
  append_vlq(text_, 0); // the only source
  append_vlq(text_, source.line - now_.last_source.line);
  append_vlq(text_, source.column - now_.last_source.column);
  last.column = output.column;
  now_.last_source = source;
  now_.size += static_cast<std::uint32_t>(text_.size() - before);
}

void map_writer::add(const edited_text& edited, std::string_view source, const line_index& lines,
                     const std::vector<edit_stop>& stops, std::vector<state>* states) {
  std::size_t stop = 0;
  auto note_until = [&](std::uint32_t output) {
    for (; states != nullptr && stop < stops.size(); ++stop) {
      if (stops[stop].output != edit_stop::nowhere && stops[stop].output > output)
        break;
      states->push_back(stops[stop].output == edit_stop::nowhere ? state{} : now_);
    }
  };
  std::size_t last_offset = 0;
  map_place last;
  for (auto& piece : edited.pieces) {
    note_until(piece.output);
    auto text = std::string_view{edited.text}.substr(piece.output, piece.length);
    auto line = lines.line_of(piece.source);
    auto known = lines.line_start(line);
    map_place from{.line = line};
    if (from.line == last.line && last_offset <= piece.source) { // a line may be long
      known = last_offset;
      from.column = last.column;
    }
    from.column += utf16_length(source.substr(known, piece.source - known));
    last = from;
    last_offset = piece.source;
    if (!piece.kept) {
      segment(now_.output, from);
      now_.output.step(text);
      continue;
    }
    for (std::size_t i = 0; i < text.size();) {
      auto kind = glyph_at(text, i);
      auto end = i;
      do
        end += text[end] == '\xe2' && is_unicode_line_end(text, end) ? 3 : 1;
      while (end < text.size() && glyph_at(text, end) == kind);
      if (kind != glyph::space)
        segment(now_.output, from);
      now_.output.step(text.substr(i, end - i));
      from.step(text.substr(i, end - i));
      i = end;
    }
  }
  note_until(edit_stop::nowhere - 1);
}

void map_writer::append(std::string_view mappings, const state& there,
                        const map_place& there_source, const map_place& source) {
  auto was = there.last_output;
  auto from = there.last_source;
  // Segments on the line of the seam move in their columns, too; behind them the differences stay
  // as they were.
  std::size_t at = 0;
  for (bool at_seam = true; at_seam && at < mappings.size();) {
    for (; at < mappings.size() && mappings[at] == ';'; ++at)
      was = {.line = was.line + 1, .column = 0};
    if (at < mappings.size() && mappings[at] == ',')
      ++at;
    if (at == mappings.size())
      break;
    was.column += read_vlq(mappings, at);
    read_vlq(mappings, at);
    from.line += read_vlq(mappings, at);
    from.column += read_vlq(mappings, at);
    segment(moved_with(was, there.output, now_.output), moved_with(from, there_source, source));
    at_seam = was.line == there.output.line || from.line == there_source.line;
  }
  text_ += mappings.substr(at);
}

map_place moved_with(map_place place, const map_place& old_seam, const map_place& seam) {
  if (place.line == old_seam.line)
    place.column += seam.column - old_seam.column;
  place.line += seam.line - old_seam.line;
  return place;
}

std::string map_begin(const std::string& file_name) {
  return R"({"version":3,"sources":[)" + quote_json(file_name) + R"(],"names":[],"mappings":")";
}

std::string make_source_map(const edited_text& edited, std::string_view source,
                            const line_index& lines, const std::string& file_name) {
  map_writer mappings;
  mappings.add(edited, source, lines);
  return map_begin(file_name) + mappings.mappings() + std::string{map_end};
}

} // namespace zako::transpile
