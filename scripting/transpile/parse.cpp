// The parser stops where a text does not fit the grammar. Then either the grammar has a gap, which
// a repair gets around, or the text has an error, which is reported; parsing goes on in both cases.
#include "scripting/transpile/parse.hpp"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

namespace zako::transpile {

namespace {

constexpr std::size_t max_reported = 100; // errors
constexpr std::size_t min_repairs = 1
                                    << 20; // bytes that are parsed again, and eight times the file
constexpr std::size_t max_expected = 3;    // tokens, in a message

/// "expected ',' or ')'", "expected a type"; nothing when too much would fit.
std::string describe(std::vector<std::string_view> expected) {
  auto has = [&](std::string_view name) {
    return std::find(expected.begin(), expected.end(), name) != expected.end();
  };
  if (has("string_fragment"))
    return "the string has no end";
  // Words that begin nothing else.
  if (has("keyof"))
    return "expected a type";
  if (has("yield") || has("new"))
    return has("while") ? "expected a statement" : "expected an expression";
  // Where an expression may go on in many ways, what closes the brackets around it is what is
  // missing most often.
  if (expected.size() > max_expected && has("identifier"))
    return "expected a name";
  if (expected.size() > max_expected)
    expected.erase(std::remove_if(expected.begin(), expected.end(),
                                  [](std::string_view name) {
                                    return name != ")" && name != "]" && name != "}";
                                  }),
                   expected.end());
  if (expected.empty() || expected.size() > max_expected)
    return {};
  std::string text = "expected ";
  for (std::size_t i = 0; i < expected.size(); ++i) {
    auto name = std::string{expected[i]};
    std::replace(name.begin(), name.end(), '_', ' ');
    text += i == 0 ? "" : i + 1 == expected.size() ? " or " : ", ";
    text += name == "identifier"                  ? "a name"
            : name.find(' ') == std::string::npos ? fmt::format("'{}'", name)
                                                  : name;
  }
  return text;
}

bool begins_statement(std::string_view word) {
  constexpr std::string_view words[] = {
      "abstract",  "async",  "break",  "class",    "const", "continue", "declare",   "do",
      "enum",      "export", "for",    "function", "if",    "import",   "interface", "let",
      "namespace", "return", "switch", "throw",    "try",   "type",     "var",       "while"};
  return std::find(std::begin(words), std::end(words), word) != std::end(words);
}

class reader {
public:
  reader(unit& u, parser& p, const grammar& g, const std::atomic<std::size_t>* stop)
      : u_(u), parser_(p), text_(u.source) {
    how_.dialect = &g;
    how_.stop = stop;
    how_.take = [this](const std::vector<parse_id>& statements, const parser::checkpoint& behind) {
      for (auto s : statements)
        u_.tree.add(parser_.forest(), s);
      at_ = behind;
      if (u_.options.keep)
        statements_.push_back(behind);
      return true;
    };
  }

  parse_result run() {
    parse_result out;
    u_.tree.start(u_.source, *how_.dialect);
    if (misleads_grammar(u_.source)) {
      repair_.emplace(u_.source).mask_known();
      text_ = repair_->text();
    }
    auto end = parser_.parse(text_, how_, at_);
    while (true) {
      switch (end) {
      case parse_end::complete:
      case parse_end::halted:
        if (repair_)
          out.overwritten = repair_->overwritten();
        out.statements = std::move(statements_);
        return out;
      case parse_end::stopped:
        out.stopped = true;
        return out;
      case parse_end::too_deep:
        u_.refuse_at(errc::limit, at_.position, at_.position + 1,
                     "the statement that begins here is nested too deep",
                     "break it into smaller parts");
        return out;
      case parse_end::unexpected:
        if (repair())
          end = parser_.parse(text_, how_, at_);
        else if (auto next = report(); next < u_.source.size())
          end = parser_.go_on(next);
        else
          return out;
      }
    }
  }

private:
  /// True when another text for the statement at hand is worth parsing.
  bool repair() {
    if (at_.position == reported_in_) // from its beginning would lead to that error again
      return false;
    if (at_.position != repaired_at_) {
      repaired_at_ = at_.position;
      failing_ = {};
    }
    auto where = parser_.unexpected();
    if (where.end > failing_.end) {
      failing_ = where;
      expected_ = describe(parser_.expected());
    }
    if (!repair_)
      repair_.emplace(u_.source);
    parsed_again_ += where.end - at_.position;
    if (parsed_again_ > min_repairs + 8 * u_.source.size() ||
        !repair_->improve(where, at_.position))
      return false;
    text_ = repair_->text();
    return true;
  }

  /// Notes the error; gives the place to go on at, or the end.
  std::uint32_t report() {
    auto size = static_cast<std::uint32_t>(u_.source.size());
    if (at_.position == reported_in_) {
      failing_ = parser_.unexpected();
      expected_ = describe(parser_.expected());
    }
    reported_in_ = at_.position;
    auto [begin, end] = failing_;
    auto what = begin >= size
                    ? std::string{"unexpected end of the file"}
                    : fmt::format("unexpected '{}'", u_.source.substr(begin, end - begin));
    if (!expected_.empty())
      what += ", " + expected_;
    u_.refuse_at(errc::syntax, begin, std::max(end, begin), what, {});
    return u_.problems.size() < max_reported ? next_statement() : size;
  }

  /// Where the list of statements around the error may go on: at a line that begins with a word
  /// that only statements begin with, or at the end of the list.
  std::uint32_t next_statement() {
    if (!tokens_)
      tokens_.emplace(u_.source);
    auto& tokens = *tokens_;
    auto from = std::max(parser_.unexpected().begin, resumed_at_ + 1);
    bool may_close = parser_.list_may_close();
    int depth = 0; // of braces: others are forgotten more often
    for (auto i = tokens.at(parser_.list_position()); i < tokens.size(); ++i) {
      bool closes = tokens.is(i, "}");
      bool begins = tokens.starts_line(i) &&
                    (begins_statement(tokens.text(i)) || (i > 0 && tokens.is(i - 1, ";")));
      if (tokens[i].begin >= from && depth == 0 && ((closes && may_close) || begins))
        return resumed_at_ = tokens[i].begin;
      depth += tokens.is(i, "{") - (closes && depth > 0);
    }
    return static_cast<std::uint32_t>(u_.source.size());
  }

  unit& u_;
  parser& parser_;
  std::string_view text_; // the source, or what repairs have made of it
  parser::options how_{};
  parser::checkpoint at_{};
  std::vector<parser::checkpoint> statements_;
  std::optional<zako::transpile::repair> repair_;
  std::uint32_t repaired_at_ = no_node; // the statement that is being repaired
  std::size_t parsed_again_ = 0;        // bytes
  byte_range failing_{};                // the farthest token that did not fit in it
  std::string expected_;                // there
  std::uint32_t reported_in_ = no_node; // a statement that has an error
  std::uint32_t resumed_at_ = 0;
  std::optional<token_list> tokens_;
};

} // namespace

parse_end parse_part(unit& u, parser& p, const grammar& g, const std::atomic<std::size_t>* stop,
                     const parser::checkpoint& from,
                     const std::function<bool(const parser::checkpoint& behind)>& go_on) {
  parser::options how;
  how.dialect = &g;
  how.stop = stop;
  how.take = [&](const std::vector<parse_id>& statements, const parser::checkpoint& behind) {
    for (auto s : statements)
      u.tree.add(p.forest(), s);
    return go_on(behind);
  };
  u.tree.start(u.source, g);
  return p.parse(u.source, how, from);
}

parse_result parse(unit& u, parser& p, const grammar& g, const std::atomic<std::size_t>* stop) {
  return reader{u, p, g, stop}.run();
}

} // namespace zako::transpile
