// A file that is transpiled again and again while it is edited: what was made of it is kept, and of
// the next text only the statements that differ are parsed and emitted.
//
// That is possible while the change stays inside statements that others do not depend on. Imports,
// exports by name, enums, namespaces and JSX do depend on the whole file, and so does whatever uses
// an import for the first time; then the answer is "do it all". The method of parsing again from a
// place between two statements up to one that was met before is Wagner and Graham's, "Efficient and
// Flexible Incremental Parsing" (1998), at the grain of a file's statements.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "scripting/transpile/edits.hpp"
#include "scripting/transpile/parse.hpp"
#include "scripting/transpile/source_map.hpp"

namespace zako::transpile {

/// The ends of statements as places to look up; drops the statements behind which a text cannot be
/// taken apart.
std::vector<edit_stop> make_stops(std::string_view text,
                                  std::vector<parser::checkpoint>& statements);

class kept_file {
public:
  /// Keeps what `made` was made from. `u` has been emitted and applied to `edited`, with `stops` at
  /// the ends of the statements that `parsed` names. Nothing for files of which no part stands
  /// alone.
  static std::optional<kept_file> keep(const unit& u, const grammar& g, const parse_result& parsed,
                                       const std::vector<edit_stop>& stops,
                                       const edited_text& edited, const transpiled& made);

  /// What is made of `text` now; nothing when it has to be made from the whole text.
  std::optional<transpiled> update(std::string_view text, parser& p,
                                   const std::atomic<std::size_t>* stop);

  [[nodiscard]] bool has_options(const transpile_options& options) const;
  [[nodiscard]] const grammar& dialect() const { return *dialect_; }
  [[nodiscard]] std::size_t bytes() const;

private:
  struct boundary {
    parser::checkpoint at;
    edit_stop stop;
    map_writer::state map;
  };
  struct change { // of the text, in bytes
    std::uint32_t begin;
    std::uint32_t old_end;
    std::uint32_t end;
  };
  using boundaries = std::vector<boundary>;

  change find_change(std::string_view text) const;
  [[nodiscard]] bool is_independent(const unit& before, const unit& now) const;
  transpiled splice(std::string_view text, unit& now, const edited_text& edited,
                    boundaries::iterator first, boundaries::iterator last, boundaries found);

  std::string source_;
  std::string file_;
  transpile_options options_;
  const grammar* dialect_ = nullptr;
  transpiled made_;
  boundaries boundaries_;
  std::uint32_t moving_ = 0;                      // changes that move text
  std::uint32_t map_begin_ = 0;                   // of the mappings in the map
  std::unordered_map<std::string, bool> imports_; // by name: whether they are left
  std::unordered_set<std::string> entangled_;     // names of which it matters who declares them
  std::unordered_set<std::string> folded_;        // and of which it matters what their value is
};

} // namespace zako::transpile
