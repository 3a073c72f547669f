// A generalised LR parser over the grammar's tables, for whole texts and without error recovery: it
// stops at the first token that no reading of the text can have there.
//
// Where one token does not tell how to go on, it follows every way (each a stack of its own that
// shares its lower part with the others) until all but one fail or two agree. The trees are those
// that tree-sitter's runtime makes of texts without errors, chosen by the same rules; what is left
// out is what that runtime needs for keeping and changing trees. Method: Tomita, "Efficient Parsing
// for Natural Language" (1985); tree-sitter's lib/src/parser.c for the rules of choice.
//
// A file's statements are handed out as soon as each is complete, and their memory is used again.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "scripting/transpile/grammar.hpp"
#include "scripting/transpile/lexer.hpp"
#include "scripting/transpile/text.hpp"

namespace zako::transpile {

using parse_id = std::uint32_t;

struct parse_node {
  std::uint32_t begin;
  std::uint32_t end;
  std::uint32_t children; // the first, in parse_forest::children; they may be hidden ones
  TSSymbol symbol;
  std::uint16_t production;
  std::int16_t precedence; // dynamic, summed up
  std::uint8_t child_count;
};

/// Nodes by number. Number 0 stands for statements that were handed out.
struct parse_forest {
  std::vector<parse_node> nodes;
  std::vector<parse_id> children;

  const parse_node& operator[](parse_id id) const { return nodes[id]; }
};

enum class parse_end { complete, unexpected, too_deep, halted, stopped };

class parser {
public:
  /// A place between two statements where parsing can be taken up again.
  struct checkpoint {
    std::uint32_t position = 0; // the end of the statement before
    std::uint32_t looked_at =
        0; // the text before the place was read without looking at any byte from here on
    TSStateId base = start_state; // below the list of statements
    bool first = true;            // no statement has been read

    bool operator==(const checkpoint&) const = default;
  };

  struct options {
    const grammar* dialect;
    const std::atomic<std::size_t>* stop = nullptr; // not 0: give up
    /// Called with the next statements of the file when they are complete (nodes of `forest()`,
    /// valid during the call; mostly one) and with where to go on behind them. False: halt there.
    std::function<bool(const std::vector<parse_id>& statements, const checkpoint& behind)> take;
  };

  /// Goes on from a checkpoint of a text that began with the same bytes.
  parse_end parse(std::string_view text, const options& how, const checkpoint& from);

  /// After `unexpected`: where the innermost list of statements that holds the token has been read
  /// up to.
  [[nodiscard]] std::uint32_t list_position() const {
    return stack_[list_around(failed_top_)].position;
  }
  /// After `unexpected`: whether that list may end with a brace.
  [[nodiscard]] bool list_may_close() const;
  /// After `unexpected`: goes on in that list with the statement, or the end of the list, that
  /// begins at `position`.
  parse_end go_on(std::uint32_t position);

  [[nodiscard]] const parse_forest& forest() const { return forest_; }
  /// After `unexpected`: the token that fits nowhere, or where none begins.
  [[nodiscard]] byte_range unexpected() const { return unexpected_; }
  /// After `unexpected`: the names of the tokens that would have fitted.
  [[nodiscard]] std::vector<std::string_view> expected() const;

  /// Bytes kept for the next text.
  [[nodiscard]] std::size_t capacity() const;

  static constexpr TSStateId start_state = 1;

private:
  /// One tree on a stack. Stacks share their lower parts; where they come together again, entries
  /// with the same state and position are alternatives, linked to the one that stands for them all.
  struct entry {
    std::uint32_t below;
    parse_id node;
    std::uint32_t position;    // behind the node
    std::uint32_t alternative; // 0: no more
    TSStateId state;
  };
  struct path { // the way of a reduction down a stack
    std::uint32_t bottom;
    std::uint32_t children; // in forest_.children, from bottom to top
  };
  enum class angle_use : std::uint8_t { type, instantiation, comparison };
  struct version { // one way to read the text
    std::uint32_t top;
    bool alive;
    std::uint32_t angle = 0;         // behind the last `>` that it has read
    angle_use use = angle_use::type; // what it took that for
  };
  /// How a loop ends: with the text, or with a token that the other loop has to deal with.
  enum class outcome { complete, unexpected, too_deep, halted, stopped, forked, joined };

  void start(std::string_view text, const checkpoint& from);
  outcome run_single();
  outcome run_versions();
  bool read(TSStateId state, std::uint32_t& position, lexeme& token);
  bool stop_asked();
  void push(std::uint32_t below, parse_id node, std::uint32_t position, TSStateId state);
  parse_id add_leaf(const lexeme& token);
  parse_id add_parent(const TSParseAction& action, std::uint32_t children, std::uint32_t position);
  bool reduce(std::uint32_t& top, const TSParseAction& action);
  bool hand_out(parse_id list, std::uint32_t position, TSStateId base);
  parse_end run();
  void note_unexpected(std::uint32_t top, byte_range where);
  [[nodiscard]] std::uint32_t list_around(std::uint32_t top) const;
  [[nodiscard]] bool can_shift(std::uint32_t top, TSSymbol symbol) const;

  void step(std::size_t index);
  void reduce_all(std::size_t index, const TSParseAction& action);
  void find_paths(std::uint32_t top, unsigned count);
  void add_alternative(std::uint32_t to, std::uint32_t from);
  bool are_equivalent(parse_id a, parse_id b) const;
  bool read_cached(TSStateId state, std::uint32_t& position, lexeme& token);
  bool merge(std::size_t index);
  bool prefers_second(parse_id first, parse_id second) const;
  [[nodiscard]] angle_use use_of_angle(std::uint32_t below) const;
  void judge_angles();
  void condense();

  const options* how_ = nullptr;
  transition_table table_;
  lexer lexer_;
  parse_forest forest_;
  std::vector<entry> stack_;
  std::uint32_t top_ = 0; // of the only stack
  std::vector<version> versions_;
  std::vector<path> paths_;
  std::size_t shared_ =
      0;           // so many entries may be alternatives: they stay until a statement is complete
  lexeme token_{}; // the last one that was read
  std::uint32_t token_at_ = 0; // where reading it began
  bool pending_ = false;       // the first version has to take it, whatever its state
  unsigned until_stop_check_ = 0;
  byte_range unexpected_{};
  std::uint32_t failed_top_ = 0;           // of the stack that came farthest
  std::vector<std::uint32_t> failed_tops_; // of all stacks that met it
  std::vector<parse_id> statements_;       // being handed out
  parse_id accepted_ = 0;                  // the root of the best version that has reached the end
};

} // namespace zako::transpile
