// The parser where a text can be read in several ways: each is a version with a stack of its own.
#include <algorithm>
#include <tuple>
#include <utility>

#include "scripting/transpile/parser.hpp"

namespace zako::transpile {

namespace {

constexpr std::size_t max_versions = 32;    // kept after a round
constexpr std::size_t max_stack = 4U << 20; // entries of all stacks
constexpr std::size_t max_paths = 64;       // of one reduction

} // namespace

/// Reads on until one version is left, the text is at its end, or nobody can go on.
parser::outcome parser::run_versions() {
  versions_.assign(1, {.top = top_, .alive = true});
  pending_ = true;
  auto reached = stack_[top_].position;
  while (true) {
    for (std::size_t i = 0; i < versions_.size(); ++i)
      while (versions_[i].alive) {
        step(i);
        auto position = stack_[versions_[i].top].position;
        if (versions_[i].alive && (position > reached || (i > 0 && position == reached))) {
          reached = position;
          break;
        }
      }
    if (stop_asked())
      return outcome::stopped;
    condense();
    if (stack_.size() >= max_stack)
      return outcome::too_deep;
    if (versions_.empty()) {
      if (accepted_ == 0)
        return outcome::unexpected;
      hand_out(accepted_, reached, start_state);
      return outcome::complete;
    }
    if (versions_.size() == 1 && accepted_ == 0) {
      top_ = versions_.front().top;
      shared_ = stack_.size();
      versions_.clear();
      return outcome::joined;
    }
  }
}

/// The token for a version: the one that was read last, when this state would read it too, or the
/// next one.
bool parser::read_cached(TSStateId state, std::uint32_t& position, lexeme& token) {
  auto& language = how_->dialect->language();
  if (std::exchange(pending_, false)) {
    token = token_;
    return true;
  }
  if (token_at_ == position) {
    auto mode = language.lex_modes[state];
    auto then = language.lex_modes[token_.state];
    auto actions = table_.actions(state, token_.symbol);
    bool same_mode =
        mode.lex_state == then.lex_state && mode.external_lex_state == then.external_lex_state;
    bool word = token_.symbol == how_->dialect->identifier();
    bool empty = token_.begin == token_.end && token_.symbol != ts_builtin_sym_end;
    bool reusable =
        actions.count > 0 && same_mode && (!word || (!token_.keyword && token_.state == state));
    if (!reusable && !empty)
      reusable = mode.external_lex_state == 0 && actions.reusable;
    if (reusable) {
      token = token_;
      return true;
    }
  }
  auto from = position;
  if (!read(state, position, token))
    return false;
  token_ = token;
  token_at_ = from;
  return true;
}

/// Takes a version over its next token. Each reduction that is possible makes versions of its own;
/// the last of them goes on here.
void parser::step(std::size_t index) {
  auto& dialect = *how_->dialect;
  auto state = stack_[versions_[index].top].state;
  auto position = stack_[versions_[index].top].position;
  auto die = [&] { versions_[index].alive = false; };
  lexeme token;
  if (!read_cached(state, position, token)) {
    note_unexpected(versions_[index].top, lexer_.next_word(position));
    return die();
  }
  while (true) {
    auto top = versions_[index].top;
    auto actions = table_.actions(stack_[top].state, token.symbol);
    auto heir = versions_.size();
    for (unsigned i = 0; i < actions.count; ++i) {
      auto action = actions.first[i].action;
      if (action.type == TSParseActionTypeShift) {
        if (action.shift.repetition)
          continue;
        push(top, add_leaf(token), token.end, action.shift.state);
        auto& v = versions_[index];
        v.top = static_cast<std::uint32_t>(stack_.size() - 1);
        if (dialect.is_closing_angle(token.symbol)) {
          v.angle = token.end;
          v.use = use_of_angle(top);
        }
        return;
      }
      if (action.type == TSParseActionTypeAccept) {
        auto root = stack_[top].node;
        if (accepted_ == 0 || prefers_second(accepted_, root))
          accepted_ = root;
        return die();
      }
      auto born = versions_.size();
      reduce_all(index, action);
      if (versions_.size() > born)
        heir = born;
    }
    if (heir < versions_.size()) {
      versions_[index].top = versions_[heir].top;
      versions_.erase(versions_.begin() + static_cast<std::ptrdiff_t>(heir));
      continue;
    }
    if (!token.keyword || token.symbol == dialect.identifier()) {
      note_unexpected(top, {.begin = token.begin, .end = token.end});
      return die();
    }
    token.symbol = dialect.identifier();
  }
}

/// All ways down `count` entries. All go down a step at a time, and where one branches the new ways
/// come last: the order decides which of equal trees is the first.
void parser::find_paths(std::uint32_t top, unsigned count) {
  auto& children = forest_.children;
  auto room = [&] {
    auto begin = static_cast<std::uint32_t>(children.size());
    children.resize(begin + count);
    return begin;
  };
  paths_.assign(1, {.bottom = top, .children = room()});
  for (unsigned left = count; left > 0; --left) {
    auto before = paths_.size();
    for (std::size_t i = 0; i < before; ++i) {
      auto at = paths_[i].bottom;
      for (auto other = stack_[at].alternative; other != 0 && paths_.size() < max_paths;
           other = stack_[other].alternative) {
        auto copy = room();
        std::copy_n(children.begin() + paths_[i].children + left, count - left,
                    children.begin() + copy + left);
        children[copy + left - 1] = stack_[other].node;
        paths_.push_back({.bottom = stack_[other].below, .children = copy});
      }
      children[paths_[i].children + left - 1] = stack_[at].node;
      paths_[i].bottom = stack_[at].below;
    }
  }
}

/// Makes a version for every place that a reduction leads down to.
void parser::reduce_all(std::size_t index, const TSParseAction& action) {
  auto top = versions_[index].top;
  auto position = stack_[top].position;
  find_paths(top, action.reduce.child_count);
  auto paths = paths_;
  for (std::size_t i = 0; i < paths.size(); ++i) {
    auto bottom = paths[i].bottom;
    bool seen = std::any_of(paths.begin(), paths.begin() + static_cast<std::ptrdiff_t>(i),
                            [&](const path& p) { return p.bottom == bottom; });
    if (seen)
      continue;
    auto best = add_parent(action, paths[i].children, position);
    for (auto k = i + 1; k < paths.size(); ++k)
      if (paths[k].bottom == bottom)
        if (auto other = add_parent(action, paths[k].children, position);
            prefers_second(best, other))
          best = other;
    push(bottom, best, position, table_.at(stack_[bottom].state, action.reduce.symbol));
    auto made = versions_[index];
    made.top = static_cast<std::uint32_t>(stack_.size() - 1);
    versions_.push_back(made);
    if (merge(versions_.size() - 1))
      versions_.pop_back();
  }
}

/// True when an earlier version is in the same state at the same place: from there on they are one.
bool parser::merge(std::size_t index) {
  auto mine = versions_[index].top;
  for (std::size_t i = 0; i < index; ++i) {
    auto other = versions_[i].top;
    if (!versions_[i].alive || stack_[other].state != stack_[mine].state ||
        stack_[other].position != stack_[mine].position)
      continue;
    for (auto at = mine; at != 0; at = stack_[at].alternative)
      add_alternative(other, at);
    return true;
  }
  return false;
}

/// Makes the tree of entry `from` another way to come to entry `to`. Where both have the same tree,
/// the ways below it are joined instead.
void parser::add_alternative(std::uint32_t to, std::uint32_t from) {
  std::vector<std::pair<std::uint32_t, std::uint32_t>> joined{{to, from}};
  for (std::size_t i = 0; i < joined.size(); ++i) {
    std::tie(to, from) = joined[i];
    if (to == from || stack_[from].below == to)
      continue;
    auto [below, node] = std::pair{stack_[from].below, stack_[from].node};
    auto last = to;
    bool known = false;
    for (auto at = to; at != 0 && !known; at = stack_[at].alternative) {
      last = at;
      auto& e = stack_[at];
      if (!are_equivalent(e.node, node))
        continue;
      if (e.below == below) {
        if (forest_[node].precedence > forest_[e.node].precedence)
          e.node = node;
        known = true;
      } else if (stack_[e.below].state == stack_[below].state &&
                 stack_[e.below].position == stack_[below].position) {
        for (auto way = below; way != 0; way = stack_[way].alternative)
          joined.emplace_back(e.below, way);
        known = true;
      }
    }
    if (known)
      continue;
    auto copy = stack_[from];
    copy.alternative = 0;
    stack_.push_back(copy);
    stack_[last].alternative = static_cast<std::uint32_t>(stack_.size() - 1);
  }
}

bool parser::are_equivalent(parse_id a, parse_id b) const {
  auto& x = forest_[a];
  auto& y = forest_[b];
  return x.symbol == y.symbol && x.begin == y.begin && x.end == y.end &&
         x.child_count == y.child_count;
}

/// The rules by which tree-sitter's runtime chooses between two trees of the same text.
bool parser::prefers_second(parse_id first, parse_id second) const {
  auto& nodes = forest_.nodes;
  if (nodes[first].precedence != nodes[second].precedence)
    return nodes[second].precedence > nodes[first].precedence;
  std::vector<std::pair<parse_id, parse_id>> open{{first, second}};
  while (!open.empty()) {
    auto [a, b] = open.back();
    open.pop_back();
    if (a == b)
      continue;
    if (nodes[a].symbol != nodes[b].symbol)
      return nodes[b].symbol < nodes[a].symbol;
    if (nodes[a].child_count != nodes[b].child_count)
      return nodes[b].child_count < nodes[a].child_count;
    for (unsigned i = nodes[a].child_count; i > 0; --i)
      open.emplace_back(forest_.children[nodes[a].children + i - 1],
                        forest_.children[nodes[b].children + i - 1]);
  }
  return false;
}

/// What a `>` on top of this entry is.
parser::angle_use parser::use_of_angle(std::uint32_t below) const {
  auto symbol_at = [this](std::uint32_t at) { return forest_[stack_[at].node].symbol; };
  auto& dialect = *how_->dialect;
  if (symbol_at(below) == dialect.expression())
    return angle_use::comparison;
  while (below != 0 && symbol_at(below) != dialect.less())
    below = stack_[below].below;
  return symbol_at(stack_[below].below) == dialect.expression() ? angle_use::instantiation
                                                                : angle_use::type;
}

/// What follows decides whether `a < b >` is a comparison or an instantiation, as TypeScript
/// decides it (canFollowTypeArgumentsInExpression in its parser). The grammar leaves both.
void parser::judge_angles() {
  for (auto& comparison : versions_)
    for (auto& other : versions_) {
      if (comparison.use != angle_use::comparison || other.use != angle_use::instantiation ||
          comparison.angle != other.angle)
        continue;
      auto next = lexer_.next_word(other.angle);
      auto c = next.begin < next.end ? lexer_.at(next.begin) : '\0';
      if (c == '+' || c == '-' || c == '<' || c == '>')
        other.alive = false;
      else if (c != '(' && c != '`' && lexer_.has_line_break_between(other.angle, next.begin))
        comparison.alive = false;
    }
}

void parser::condense() {
  judge_angles();
  std::size_t kept = 0;
  for (std::size_t i = 0; i < versions_.size(); ++i) {
    if (!versions_[i].alive)
      continue;
    versions_[kept] = versions_[i];
    if (!merge(kept))
      ++kept;
  }
  versions_.resize(std::min(kept, max_versions));
}

std::vector<std::string_view> parser::expected() const {
  auto& dialect = *how_->dialect;
  std::vector<std::string_view> names;
  for (std::uint32_t i = 1; i < dialect.language().token_count; ++i) {
    auto symbol = static_cast<TSSymbol>(i);
    bool fits = std::any_of(failed_tops_.begin(), failed_tops_.end(),
                            [&](std::uint32_t top) { return can_shift(top, symbol); });
    if (fits && dialect.is_visible(symbol) && symbol != dialect.comment() &&
        dialect.name_of(symbol) != "html_comment")
      names.push_back(dialect.name_of(symbol));
  }
  return names;
}

std::size_t parser::capacity() const {
  return forest_.nodes.capacity() * sizeof(parse_node) +
         forest_.children.capacity() * sizeof(parse_id) + stack_.capacity() * sizeof(entry) +
         table_.capacity();
}

} // namespace zako::transpile
