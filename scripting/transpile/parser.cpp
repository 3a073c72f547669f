// The parser's two loops: one for a single stack, which is how nearly all text is read, and one for
// several at once.
#include "scripting/transpile/parser.hpp"

#include <algorithm>

namespace zako::transpile {

namespace {

constexpr std::size_t max_stack = 1U << 20; // entries
constexpr unsigned stop_interval = 4096;    // tokens between two looks at `stop`
constexpr parse_id handed_out = 0;

bool is_shift(const TSParseAction& a) {
  return a.type == TSParseActionTypeShift;
}

/// Shifts that only stand for the next round of a repetition: the reduction beside them leads
/// there.
bool is_idle(const TSParseAction& a) {
  return is_shift(a) && a.shift.repetition;
}

} // namespace

void parser::start(std::string_view text, const checkpoint& from) {
  table_.use(*how_->dialect);
  lexer_.start(text, *how_->dialect);
  lexer_.set_looked_at(std::max(from.position, from.looked_at));
  forest_.nodes.clear();
  forest_.children.clear();
  forest_.nodes.push_back({.begin = from.position,
                           .end = from.position,
                           .children = 0,
                           .symbol = how_->dialect->statements(),
                           .production = 0,
                           .precedence = 0,
                           .child_count = 0});
  stack_.clear();
  versions_.clear();
  unexpected_ = {};
  failed_tops_.clear();
  until_stop_check_ = stop_interval;
  accepted_ = handed_out;
  push(0, handed_out, from.position, from.base);
  if (!from.first)
    push(0, handed_out, from.position, table_.at(from.base, how_->dialect->statements()));
  top_ = static_cast<std::uint32_t>(stack_.size() - 1);
  shared_ = 0;
}

parse_end parser::parse(std::string_view text, const options& how, const checkpoint& from) {
  how_ = &how;
  start(text, from);
  return run();
}

parse_end parser::run() {
  while (true) {
    auto end = run_single();
    if (end == outcome::forked)
      end = run_versions();
    switch (end) {
    case outcome::complete:
      return parse_end::complete;
    case outcome::unexpected:
      return parse_end::unexpected;
    case outcome::too_deep:
      return parse_end::too_deep;
    case outcome::halted:
      return parse_end::halted;
    case outcome::stopped:
      return parse_end::stopped;
    case outcome::forked:
    case outcome::joined:
      break;
    }
  }
}

bool parser::stop_asked() {
  if (--until_stop_check_ > 0)
    return false;
  until_stop_check_ = stop_interval;
  return how_->stop != nullptr && how_->stop->load(std::memory_order_relaxed) != 0;
}

/// The next token that is not a comment; steps over comments. False when there is none.
bool parser::read(TSStateId state, std::uint32_t& position, lexeme& token) {
  while (lexer_.next(state, position, table_, token)) {
    if (token.symbol != how_->dialect->comment())
      return true;
    position = token.end;
  }
  return false;
}

void parser::push(std::uint32_t below, parse_id node, std::uint32_t position, TSStateId state) {
  stack_.push_back(
      {.below = below, .node = node, .position = position, .alternative = 0, .state = state});
}

parse_id parser::add_leaf(const lexeme& token) {
  auto id = static_cast<parse_id>(forest_.nodes.size());
  forest_.nodes.push_back({.begin = token.begin,
                           .end = token.end,
                           .children = 0,
                           .symbol = token.symbol,
                           .production = 0,
                           .precedence = 0,
                           .child_count = 0});
  return id;
}

/// The node of a reduction whose children begin at `children` of the forest's list.
parse_id parser::add_parent(const TSParseAction& action, std::uint32_t children,
                            std::uint32_t position) {
  auto count = action.reduce.child_count;
  auto id = static_cast<parse_id>(forest_.nodes.size());
  auto begin = position;
  auto end = position;
  int precedence = action.reduce.dynamic_precedence;
  if (count > 0) {
    begin = forest_[forest_.children[children]].begin;
    auto last = children + count - 1U;
    // A semicolon that is not written stands behind comments, which are no part of the statement.
    if (auto& n = forest_[forest_.children[last]]; n.begin == n.end && last > children)
      --last;
    end = forest_[forest_.children[last]].end;
  }
  for (unsigned i = 0; i < count; ++i)
    precedence += forest_[forest_.children[children + i]].precedence;
  forest_.nodes.push_back({.begin = begin,
                           .end = end,
                           .children = children,
                           .symbol = action.reduce.symbol,
                           .production = action.reduce.production_id,
                           .precedence = static_cast<std::int16_t>(precedence),
                           .child_count = count});
  return id;
}

/// Replaces the uppermost entries of the only stack by the node that they are the children of, and
/// uses their memory again. False when there is more than one way down.
bool parser::reduce(std::uint32_t& top, const TSParseAction& action) {
  auto count = action.reduce.child_count;
  auto children = static_cast<std::uint32_t>(forest_.children.size());
  forest_.children.resize(children + count);
  auto at = top;
  for (unsigned i = count; i > 0; --i) {
    auto& e = stack_[at];
    if (e.alternative != 0) {
      forest_.children.resize(children);
      return false;
    }
    forest_.children[children + i - 1] = e.node;
    at = e.below;
  }
  auto position = stack_[top].position;
  auto id = add_parent(action, children, position);
  if (at + 1 >= shared_)
    stack_.resize(at + 1U);
  push(at, id, position, table_.at(stack_[at].state, action.reduce.symbol));
  top = static_cast<std::uint32_t>(stack_.size() - 1);
  return true;
}

/// Gives away the statements below a list of them. `base` is the state below the list.
bool parser::hand_out(parse_id list, std::uint32_t position, TSStateId base) {
  auto& dialect = *how_->dialect;
  statements_.clear();
  std::vector<parse_id> open{list};
  while (!open.empty()) {
    auto id = open.back();
    open.pop_back();
    auto& n = forest_.nodes[id];
    if (n.symbol == dialect.statements() || id == list)
      for (auto i = n.child_count; i > 0; --i)
        open.push_back(forest_.children[n.children + i - 1U]);
    else if (n.symbol != dialect.hash_bang())
      statements_.push_back(id);
  }
  checkpoint behind{
      .position = position, .looked_at = lexer_.looked_at(), .base = base, .first = false};
  return statements_.empty() || how_->take(statements_, behind);
}

void parser::note_unexpected(std::uint32_t top, byte_range where) {
  if (!failed_tops_.empty() && where.begin < unexpected_.begin)
    return;
  if (where.begin > unexpected_.begin)
    failed_tops_.clear();
  unexpected_ = where;
  failed_top_ = top;
  failed_tops_.push_back(top);
}

/// The uppermost entry behind which a statement of a list may stand.
std::uint32_t parser::list_around(std::uint32_t top) const {
  while (top != 0 && table_.at(stack_[top].state, how_->dialect->statements()) == 0)
    top = stack_[top].below;
  return top;
}

/// True when the token fits on a stack, after the reductions that it leads to. Where there is more
/// than one way, the first is looked at.
bool parser::can_shift(std::uint32_t top, TSSymbol symbol) const {
  std::vector<TSStateId> above; // states on top of the stack that reductions would leave
  while (true) {
    auto state = above.empty() ? stack_[top].state : above.back();
    auto actions = table_.actions(state, symbol);
    if (actions.count == 0)
      return false;
    auto action = actions.first[0].action;
    if (action.type != TSParseActionTypeReduce)
      return true;
    for (unsigned i = action.reduce.child_count; i > 0; --i)
      if (above.empty())
        top = stack_[top].below;
      else
        above.pop_back();
    auto below = above.empty() ? stack_[top].state : above.back();
    above.push_back(table_.at(below, action.reduce.symbol));
  }
}

bool parser::list_may_close() const {
  return can_shift(list_around(failed_top_), how_->dialect->single('}'));
}

parse_end parser::go_on(std::uint32_t position) {
  top_ = list_around(failed_top_);
  stack_[top_].position = position;
  shared_ = stack_.size();
  versions_.clear();
  failed_tops_.clear();
  unexpected_ = {};
  return run();
}

parser::outcome parser::run_single() {
  auto& dialect = *how_->dialect;
  auto top = top_;
  while (true) {
    auto state = stack_[top].state;
    auto position = stack_[top].position;
    token_at_ = position;
    if (stop_asked())
      return outcome::stopped;
    if (!read(state, position, token_)) {
      note_unexpected(top, lexer_.next_word(position));
      return outcome::unexpected;
    }
    for (bool shifted = false; !shifted;) {
      auto actions = table_.actions(stack_[top].state, token_.symbol);
      auto action = actions.first[0].action;
      if (actions.count != 1) {
        if (actions.count == 0) {
          if (token_.keyword && token_.symbol != dialect.identifier()) {
            token_.symbol = dialect.identifier();
            continue;
          }
          note_unexpected(top, {.begin = token_.begin, .end = token_.end});
          return outcome::unexpected;
        }
        if (actions.count != 2 || !is_idle(actions.first[1].action)) {
          top_ = top;
          return outcome::forked;
        }
      }
      if (is_shift(action)) {
        if (stack_.size() >= max_stack)
          return outcome::too_deep;
        push(top, add_leaf(token_), token_.end, action.shift.state);
        top = static_cast<std::uint32_t>(stack_.size() - 1);
        shifted = true;
      } else if (action.type == TSParseActionTypeReduce) {
        if (!reduce(top, action)) {
          top_ = top;
          return outcome::forked;
        }
        auto& e = stack_[top];
        bool of_file =
            action.reduce.symbol == dialect.statements() &&
            (e.below == 0 || forest_[stack_[e.below].node].symbol == dialect.hash_bang());
        if (!of_file) // blocks have lists of statements, too
          continue;
        // The nodes of what has been handed out are not needed any more.
        bool go_on = hand_out(e.node, e.position, stack_[e.below].state);
        e.node = handed_out;
        shared_ = 0;
        stack_.resize(top + 1U);
        forest_.nodes.resize(stack_[e.below].node + 1U);
        forest_.children.clear();
        if (!go_on)
          return outcome::halted;
      } else {
        hand_out(stack_[top].node, position, start_state);
        return outcome::complete;
      }
    }
  }
}

} // namespace zako::transpile
