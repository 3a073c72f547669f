// The quick ways through white space, comments, words and brackets, and the way to the generated
// code.
#include "scripting/transpile/lexer.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace zako::transpile {

namespace {

/// The scanner knows only one line break.
void show_line_breaks(TSLexer* lexer) {
  auto c = lexer->lookahead;
  if (c == '\r' || c == 0x2028 || c == 0x2029)
    lexer->lookahead = '\n';
}

/// How the scanner goes on; the generated code has its own way.
void step(TSLexer* lexer, bool skip) {
  grammar_lexer_step(lexer, skip);
  show_line_breaks(lexer);
}
void mark(TSLexer* lexer) {
  grammar_lexer_mark(lexer);
}
// Neither of the grammars asks for columns or for parts of a text.
std::uint32_t column(TSLexer*) {
  return 0;
}
bool at_range_start(const TSLexer*) {
  return false;
}
bool at_end(const TSLexer* lexer) {
  auto self = reinterpret_cast<const grammar_lexer*>(lexer);
  return self->at == self->end;
}
void log(const TSLexer*, const char*, ...) {}

enum class glyph : std::uint8_t { other, space, word_start, word_part };

constexpr std::array<glyph, 256> make_glyphs() {
  std::array<glyph, 256> all{};
  for (int c = 0; c < 256; ++c) {
    bool digit = c >= '0' && c <= '9';
    bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$';
    bool space = c == ' ' || (c >= '\t' && c <= '\r');
    all[static_cast<std::size_t>(c)] = space    ? glyph::space
                                       : letter ? glyph::word_start
                                       : digit  ? glyph::word_part
                                                : glyph::other;
  }
  return all;
}
constexpr auto glyphs = make_glyphs();

/// The scanner's tokens in the order of its `valid` array (the grammar's `externals`).
enum scanner_token : unsigned {
  automatic_semicolon,
  template_chars,
  ternary_qmark,
  html_comment,
  logical_or,
  escape,
  regex_pattern,
  jsx_text,
  signature_semicolon,
};

const unsigned char* skip_spaces(const unsigned char* at, const unsigned char* end) {
  while (at < end && glyphs[*at] == glyph::space)
    ++at;
  return at;
}

bool starts(const unsigned char* at, const unsigned char* end, std::string_view text) {
  return static_cast<std::size_t>(end - at) >= text.size() &&
         std::memcmp(at, text.data(), text.size()) == 0;
}

bool is_line_end(const unsigned char* at, const unsigned char* end) {
  return *at == '\n' || *at == '\r' || starts(at, end, "\u2028") || starts(at, end, "\u2029");
}

/// Behind the comment that begins at `at`; null when it does not end.
const unsigned char* end_of_comment(const unsigned char* at, const unsigned char* end) {
  if (at[1] == '/') {
    for (at += 2; at < end; ++at)
      if (*at == '\n' || *at == '\r' || (*at == 0xe2 && is_line_end(at, end)))
        break;
    return at;
  }
  constexpr std::string_view close = "*/";
  std::string_view rest{reinterpret_cast<const char*>(at) + 2,
                        static_cast<std::size_t>(end - at) - 2};
  auto found = rest.find(close);
  return found == std::string_view::npos ? nullptr : at + 2 + found + close.size();
}

} // namespace

grammar_lexer begin_lexing(std::string_view text) {
  grammar_lexer self{};
  self.base.advance = step;
  self.base.mark_end = mark;
  self.base.get_column = column;
  self.base.is_at_included_range_start = at_range_start;
  self.base.eof = at_end;
  self.base.log = log;
  self.at = reinterpret_cast<const unsigned char*>(text.data());
  self.end = self.at + text.size();
  self.token_begin = self.at;
  grammar_lexer_load(&self);
  return self;
}

void lexer::start(std::string_view text, const grammar& g) {
  lexer_ = begin_lexing(text);
  begin_ = lexer_.at;
  end_ = lexer_.end;
  looked_at_ = 0;
  no_semicolon_ = {};
  if (grammar_ == &g)
    return;
  grammar_ = &g;
  manners_.clear();
}

/// The current character has been looked at, and a sign of up to four bytes may have been looked
/// for.
void lexer::note_look(const unsigned char* at) {
  looked_at_ = std::max(looked_at_, static_cast<std::uint32_t>(at - begin_) + 4);
}

void lexer::place(const unsigned char* at) {
  lexer_.at = at;
  lexer_.token_begin = at;
  lexer_.token_end = nullptr;
  grammar_lexer_load(&lexer_);
}

void lexer::take(lexeme& out) const {
  auto end = lexer_.token_end == nullptr ? lexer_.at : lexer_.token_end;
  out.begin = static_cast<std::uint32_t>(std::min(lexer_.token_begin, end) - begin_);
  out.end = static_cast<std::uint32_t>(end - begin_);
}

lexer::manner lexer::manner_of(TSStateId lex_state) {
  if (lex_state >= manners_.size())
    manners_.resize(lex_state + 1U, manner::unknown);
  auto& known = manners_[lex_state];
  if (known != manner::unknown)
    return known;
  auto reads = [&](std::string_view text, std::ptrdiff_t begin, std::ptrdiff_t end,
                   std::string_view name) {
    auto probe = begin_lexing(text);
    auto first = probe.at;
    return grammar_->language().lex_fn(&probe.base, lex_state) &&
           grammar_->name_of(probe.base.result_symbol) == name &&
           probe.token_begin - first == begin && probe.token_end - first == end;
  };
  if (reads("Zq_$9 ", 0, 5, "identifier") && reads("a-b", 0, 1, "identifier") &&
      reads(" \n\t$a;", 3, 5, "identifier") && reads("//a\n", 0, 3, "comment") &&
      reads("/*a*/;", 0, 5, "comment"))
    known = manner::ordinary;
  else if (reads("ab\n", 0, 2, "string_fragment"))
    known = manner::string;
  else
    known = manner::special;
  return known;
}

/// False when the scanner certainly finds nothing at `at`. Follows its rules for what a token may
/// begin with.
bool lexer::may_scan(const bool* valid, const unsigned char* at) const {
  if (valid[template_chars] || valid[jsx_text])
    return true;
  if (valid[automatic_semicolon] || valid[signature_semicolon]) {
    while (at < end_ && *at != '\n' && *at != '\r' && glyphs[*at] == glyph::space)
      ++at;
    return at == end_ || *at == '\n' || *at == '\r' || *at == '}' || *at == 0xe2 ||
           (*at == '?' && valid[ternary_qmark]);
  }
  at = skip_spaces(at, end_);
  if (valid[ternary_qmark])
    return at < end_ && *at == '?';
  if (!valid[html_comment])
    return false;
  return starts(at, end_, "<!--") || starts(at, end_, "-->") || (at < end_ && *at == 0xe2);
}

bool lexer::ask_scanner(unsigned external_state, std::uint32_t position, lexeme& out) {
  auto& scanner = grammar_->language().external_scanner;
  auto valid = scanner.states + external_state * grammar_->language().external_token_count;
  auto at = begin_ + position;
  if (external_state == no_semicolon_.external_state && position > no_semicolon_.begin &&
      position < no_semicolon_.end)
    return false;
  if (!may_scan(valid, at))
    return false;
  place(at);
  show_line_breaks(&lexer_.base);
  bool found = scanner.scan(nullptr, &lexer_.base, valid);
  note_look(lexer_.at);
  if (!found) {
    if (valid[automatic_semicolon] && lexer_.base.lookahead != '?')
      no_semicolon_ = {.begin = position,
                       .end = static_cast<std::uint32_t>(lexer_.at - begin_),
                       .external_state = external_state};
    return false;
  }
  take(out);
  out.symbol = scanner.symbol_map[lexer_.base.result_symbol];
  return true;
}

bool lexer::ask_generated(TSStateId lex_state, const unsigned char* at, lexeme& out) {
  place(at);
  bool found = grammar_->language().lex_fn(&lexer_.base, lex_state);
  note_look(lexer_.at);
  if (!found)
    return false;
  take(out);
  out.symbol = lexer_.base.result_symbol;
  return true;
}

byte_range lexer::next_word(std::uint32_t position) const {
  std::string_view text{reinterpret_cast<const char*>(begin_),
                        static_cast<std::size_t>(end_ - begin_)};
  auto begin = skip_trivia(text, position);
  auto end = std::min(begin + 1, text.size());
  if (begin < text.size() && is_word(text[begin]))
    while (end < text.size() && is_word(text[end]))
      ++end;
  return {.begin = static_cast<std::uint32_t>(begin), .end = static_cast<std::uint32_t>(end)};
}

bool lexer::next(TSStateId state, std::uint32_t position, const transition_table& table,
                 lexeme& out) {
  out.state = state;
  out.keyword = false;
  auto mode = grammar_->language().lex_modes[state];
  if (mode.external_lex_state != 0 && ask_scanner(mode.external_lex_state, position, out))
    return true;
  auto at = begin_ + position;
  auto give = [&](const unsigned char* from, const unsigned char* to, TSSymbol symbol) {
    out.begin = static_cast<std::uint32_t>(from - begin_);
    out.end = static_cast<std::uint32_t>(to - begin_);
    out.symbol = symbol;
    note_look(to);
    return true;
  };
  std::string_view word;
  auto manner = manner_of(mode.lex_state);
  if (manner == manner::ordinary) {
    at = skip_spaces(at, end_);
    if (at < end_) {
      if (auto single = grammar_->single(*at); single != 0)
        return give(at, at + 1, single);
      if (*at == '/' && at + 1 < end_ && (at[1] == '/' || at[1] == '*'))
        if (auto end = end_of_comment(at, end_); end != nullptr)
          return give(at, end, grammar_->comment());
      if (glyphs[*at] == glyph::word_start) {
        auto end = at + 1;
        while (end < end_ && glyphs[*end] >= glyph::word_start)
          ++end;
        word = {reinterpret_cast<const char*>(at), static_cast<std::size_t>(end - at)};
        if (end == end_ || (*end < 0x80 && *end != '\\'))
          give(at, end, grammar_->identifier());
        else
          word = {};
      }
    }
  }
  if (word.empty()) {
    if (!ask_generated(mode.lex_state, at, out))
      return false;
    // The grammar takes a line break in front of the rest of a string for white space.
    if (manner == manner::string &&
        has_line_break({reinterpret_cast<const char*>(at), out.begin - position}))
      return false;
    if (out.symbol != grammar_->identifier())
      return true;
    word = {reinterpret_cast<const char*>(begin_) + out.begin, out.end - out.begin};
    if (find_no_identifier(word) != std::string_view::npos)
      return false;
  }
  if (auto keyword = grammar_->keyword(word); keyword != 0) {
    out.keyword = true;
    if (table.actions(state, keyword).count > 0)
      out.symbol = keyword;
  }
  return true;
}

} // namespace zako::transpile
