// The parser stops where a text does not fit the grammar. Then either the grammar has a gap, which
// a repair gets around, or the text has an error, which is reported; parsing goes on in both cases.
#include "scripting/transpile/parse.hpp"

#include <algorithm>
#include <functional>
#include <optional>

#include <fmt/format.h>

namespace zako::transpile {

namespace {

constexpr std::size_t max_reported = 100; // errors
constexpr std::size_t min_repairs = 1
                                    << 20; // bytes that are parsed again, and eight times the file
constexpr std::size_t max_expected = 3;    // tokens, in a message

/// "expected ',' or ')'"; nothing when too much would fit. Where an expression may go on in many
/// ways, what closes the brackets around it is what is missing most often.
std::string describe(std::vector<std::string_view> expected) {
  constexpr std::string_view closers[] = {")", "]", "}"};
  auto closes = [&](std::string_view name) {
    return std::find(std::begin(closers), std::end(closers), name) != std::end(closers);
  };
  if (expected.size() > max_expected)
    expected.erase(std::remove_if(expected.begin(), expected.end(), std::not_fn(closes)),
                   expected.end());
  if (expected.empty() || expected.size() > max_expected)
    return {};
  std::string text = "expected ";
  for (std::size_t i = 0; i < expected.size(); ++i) {
    auto name = std::string{expected[i]};
    std::replace(name.begin(), name.end(), '_', ' ');
    text += i == 0 ? "" : i + 1 == expected.size() ? " or " : ", ";
    text += name.find(' ') == std::string::npos ? fmt::format("'{}'", name) : name;
  }
  return text;
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
    while (true) {
      switch (parser_.parse(text_, how_, at_)) {
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
        if (!repair() && !report())
          return out;
      }
    }
  }

private:
  /// True when another text for the statement at hand is worth parsing.
  bool repair() {
    if (at_.position != repaired_at_) {
      repaired_at_ = at_.position;
      first_error_ = parser_.unexpected();
      expected_ = describe(parser_.expected());
    }
    if (!repair_)
      repair_.emplace(u_.source);
    auto where = parser_.unexpected();
    parsed_again_ += where.end - at_.position;
    if (parsed_again_ > min_repairs + 8 * u_.source.size() || !repair_->improve(where))
      return false;
    text_ = repair_->text();
    return true;
  }

  /// Notes the error and looks for a place to go on; false when there is none.
  bool report() {
    auto size = static_cast<std::uint32_t>(u_.source.size());
    auto [begin, end] = first_error_;
    auto what = begin >= size
                    ? std::string{"unexpected end of the file"}
                    : fmt::format("unexpected '{}'", u_.source.substr(begin, end - begin));
    if (!expected_.empty())
      what += ", " + expected_;
    u_.refuse_at(errc::syntax, begin, std::max(end, begin), what, {});
    if (u_.problems.size() >= max_reported)
      return false;
    auto next = next_statement(std::max(begin, at_.position) + 1);
    if (next >= size)
      return false;
    at_.position = next;
    at_.first = false;
    return true;
  }

  /// The first line from `from` on that begins with a word: where most files have the next
  /// statement.
  [[nodiscard]] std::uint32_t next_statement(std::size_t from) const {
    auto size = u_.source.size();
    auto at = u_.source.find('\n', from);
    while (at < size && (at + 1 >= size || !is_word(u_.source[at + 1])))
      at = u_.source.find('\n', at + 1);
    return static_cast<std::uint32_t>(at < size ? at + 1 : size);
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
  byte_range first_error_{};            // in the statement as it was
  std::string expected_;
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
