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
  /// The statements that are made anew, from the boundary `first` to `last` or the end of the file.
  struct part {
    boundaries::iterator first;
    boundaries::iterator last;
    std::uint32_t old_end;
    std::uint32_t end;
  };
  /// What stands behind a part moves with its end: where that was and is.
  struct seam {
    map_place old_source;
    map_place source;
    map_writer::state old_map;
    map_writer::state map;
  };

  change find_change(std::string_view text) const;
  std::optional<boundaries::iterator> start_of(const change& edit);
  std::optional<part> parse_changed(const change& edit, boundaries::iterator first, unit& now,
                                    parser& p, const std::atomic<std::size_t>* stop,
                                    std::vector<parser::checkpoint>& met);
  [[nodiscard]] bool is_independent(const unit& before, const unit& now) const;
  [[nodiscard]] std::uint32_t output_end(const part& p) const;
  [[nodiscard]] std::uint32_t moving_in(const part& p) const;

  // incremental_splice.cpp: puts the new part into the place of the old one
  transpiled splice(std::string_view text, unit& now, const edited_text& edited, const part& p,
                    boundaries found);
  std::vector<import_site> splice_imports(unit& now, const part& p, const seam& s) const;
  std::string splice_map(std::string_view text, unit& now, const edited_text& edited, const part& p,
                         boundaries& found, seam& s) const;
  void replace_boundaries(const part& p, boundaries found, const edited_text& edited,
                          std::uint32_t map_shift, const seam& s);

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
