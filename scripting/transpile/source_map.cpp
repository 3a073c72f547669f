// Encodes the pieces of an edited text as base64 VLQ mappings: one for every word and every run of
// punctuation that was kept, and one for every generated stretch.
#include "scripting/transpile/source_map.hpp"

namespace zako::transpile {

namespace {

void append_vlq(std::string& out, std::int64_t value) {
  constexpr std::string_view digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  auto rest = value < 0 ? (static_cast<std::uint64_t>(-value) << 1) | 1
                        : static_cast<std::uint64_t>(value) << 1;
  do {
    auto digit = rest & 31;
    rest >>= 5;
    out += digits[digit | (rest != 0 ? 32 : 0)];
  } while (rest != 0);
}

/// A place in either text while it is walked; lines and columns from 0.
struct place {
  std::int64_t line = 0;
  std::int64_t column = 0;

  void step(std::string_view text) {
    for (char c : text)
      if (c == '\n') {
        ++line;
        column = 0;
      } else {
        auto u = static_cast<unsigned char>(c);
        column += ((u & 0xc0) != 0x80) + (u >= 0xf0);
      }
  }
};

class mapping_writer {
public:
  void add(const place& output, const place& source) {
    if (output.line > line_) {
      text_.append(static_cast<std::size_t>(output.line - line_), ';');
      line_ = output.line;
      column_ = 0;
      first_ = true;
    }
    if (!first_)
      text_ += ',';
    first_ = false;
    append_vlq(text_, output.column - column_);
    append_vlq(text_, 0); // the only source
    append_vlq(text_, source.line - source_.line);
    append_vlq(text_, source.column - source_.column);
    column_ = output.column;
    source_ = source;
  }
  std::string take() { return std::move(text_); }

private:
  std::string text_;
  std::int64_t line_ = 0;
  std::int64_t column_ = 0;
  place source_;
  bool first_ = true;
};

enum class glyph { space, word, punctuation };

glyph glyph_of(char c) {
  if (c == ' ' || c == '\t' || c == '\n' || c == '\r')
    return glyph::space;
  return is_word(c) ? glyph::word : glyph::punctuation;
}

} // namespace

std::string make_source_map(const edited_text& edited, std::string_view source,
                            const line_index& lines, const std::string& file_name) {
  mapping_writer mappings;
  place output;
  for (auto& piece : edited.pieces) {
    auto text = std::string_view{edited.text}.substr(piece.output, piece.length);
    auto line = lines.line_of(piece.source);
    auto start = lines.line_start(line);
    place from{.line = line, .column = utf16_length(source.substr(start, piece.source - start))};
    if (!piece.kept) {
      mappings.add(output, from);
      output.step(text);
      continue;
    }
    for (std::size_t i = 0; i < text.size();) {
      auto kind = glyph_of(text[i]);
      auto end = i + 1;
      while (end < text.size() && glyph_of(text[end]) == kind)
        ++end;
      if (kind != glyph::space)
        mappings.add(output, from);
      output.step(text.substr(i, end - i));
      from.step(text.substr(i, end - i));
      i = end;
    }
  }
  return R"({"version":3,"sources":[)" + quote_json(file_name) + R"(],"names":[],"mappings":")" +
         mappings.take() + R"("})";
}

} // namespace zako::transpile
