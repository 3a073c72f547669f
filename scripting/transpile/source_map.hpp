// Source maps, version 3: https://tc39.es/ecma426/
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "scripting/transpile/edits.hpp"
#include "scripting/transpile/text.hpp"

namespace zako::transpile {

/// Lines and UTF-16 columns, from 0.
struct map_place {
  std::int64_t line = 0;
  std::int64_t column = 0;

  void step(std::string_view text);
};

/// Writes the `mappings` of a map: one segment for every word and every run of punctuation that was
/// kept, and one for every generated stretch. Each segment is relative to the one before, so what
/// was written of one text can stand in the map of another. Where a place behind a seam is when the
/// seam is elsewhere.
map_place moved_with(map_place place, const map_place& old_seam, const map_place& seam);

class map_writer {
public:
  /// Everything that what follows depends on.
  struct state {
    map_place output;      // where the output that has been mapped ends
    map_place last_output; // of the last segment
    map_place last_source;
    bool first_of_line = true;
    std::uint32_t size = 0; // of the mappings so far
  };

  map_writer() = default;
  explicit map_writer(const state& from) : now_(from) {}

  /// Adds the pieces of an edited text. `stops` are places in its output, in order; for each that
  /// is not `nowhere` the state there is added to `states`, for the others a default one.
  void add(const edited_text& edited, std::string_view source, const line_index& lines,
           const std::vector<edit_stop>& stops = {}, std::vector<state>* states = nullptr);
  /// Adds what another writer wrote behind a seam, where it was in the state `there`. Of the
  /// source, `there_source` was at the seam, and `source` is now.
  void append(std::string_view mappings, const state& there, const map_place& there_source,
              const map_place& source);

  [[nodiscard]] const state& now() const { return now_; }
  [[nodiscard]] const std::string& mappings() const { return text_; }

private:
  void segment(const map_place& output, const map_place& source);

  std::string text_;
  state now_;
};

/// What stands before the mappings in a map of a source with this name; behind them stands
/// `map_end`.
std::string map_begin(const std::string& file_name);
constexpr std::string_view map_end = "\"}";

/// The map of `edited`, which was made from `source`; the source's own text is left out.
std::string make_source_map(const edited_text& edited, std::string_view source,
                            const line_index& lines, const std::string& file_name);

} // namespace zako::transpile
