// Puts what was made of changed statements between what was made of the others: output, imports,
// map.
#include <algorithm>

#include "scripting/transpile/incremental.hpp"

namespace zako::transpile {

namespace {

map_place place_of(const line_index& lines, std::string_view text, std::uint32_t offset) {
  auto line = lines.line_of(offset);
  auto start = lines.line_start(line);
  return {.line = line, .column = utf16_length(text.substr(start, offset - start))};
}

map_place place_of(const source_position& p) {
  return {.line = static_cast<std::int64_t>(p.line) - 1,
          .column = static_cast<std::int64_t>(p.column) - 1};
}

bool is_before(const map_place& a, const map_place& b) {
  return a.line != b.line ? a.line < b.line : a.column < b.column;
}

} // namespace

transpiled kept_file::splice(std::string_view text, unit& now, const edited_text& edited,
                             const part& p, boundaries found) {
  transpiled out;
  out.javascript.reserve(made_.javascript.size() + edited.text.size());
  out.javascript.append(made_.javascript, 0, p.first->stop.output)
      .append(edited.text)
      .append(made_.javascript, output_end(p));
  seam s;
  if (moving_ > 0 || !made_.imports.empty() || !now.imports.empty()) {
    s.old_source = place_of(line_index{source_}, source_, p.old_end);
    s.source = place_of(now.lines(), text, p.end);
    out.imports = splice_imports(now, p, s);
  }
  if (moving_ > 0)
    out.source_map = splice_map(text, now, edited, p, found, s);
  auto map_shift = static_cast<std::uint32_t>(out.source_map.size() - made_.source_map.size());
  replace_boundaries(p, std::move(found), edited, map_shift, s);
  source_ = text;
  made_ = out;
  return out;
}

std::vector<import_site> kept_file::splice_imports(unit& now, const part& p, const seam& s) const {
  auto begin = place_of(now.lines(), now.source, p.first->at.position); // the same in the old text
  auto& old = made_.imports;
  auto stands_before = [](const map_place& place) {
    return [place](const import_site& i) { return is_before(place_of(i.position), place); };
  };
  auto gone = std::partition_point(old.begin(), old.end(), stands_before(begin));
  auto left = std::partition_point(gone, old.end(), stands_before(s.old_source));
  std::vector<import_site> all(old.begin(), gone);
  std::move(now.imports.begin(), now.imports.end(), std::back_inserter(all));
  for (; left != old.end(); ++left) {
    auto to = moved_with(place_of(left->position), s.old_source, s.source);
    all.push_back(*left);
    all.back().position.line = static_cast<std::uint32_t>(to.line + 1);
    all.back().position.column = static_cast<std::uint32_t>(to.column + 1);
  }
  return all;
}

/// Also gives the new boundaries, and the seam, their places in the map.
std::string kept_file::splice_map(std::string_view text, unit& now, const edited_text& edited,
                                  const part& p, boundaries& found, seam& s) const {
  std::vector<edit_stop> stops;
  for (auto& b : found)
    stops.push_back(b.stop);
  std::vector<map_writer::state> states;
  map_writer writer{p.first->map};
  writer.add(edited, text, now.lines(), stops, &states);
  for (std::size_t i = 0; i < found.size(); ++i)
    found[i].map = states[i];
  s.map = writer.now();
  if (p.last != boundaries_.end()) {
    s.old_map = p.last->map;
    auto mappings = std::string_view{made_.source_map}.substr(map_begin_);
    mappings.remove_suffix(map_end.size());
    writer.append(mappings.substr(s.old_map.size), s.old_map, s.old_source, s.source);
  }
  return made_.source_map.substr(0, map_begin_ + p.first->map.size) + writer.mappings() +
         std::string{map_end};
}

/// `p.last` itself is among the new ones.
void kept_file::replace_boundaries(const part& p, boundaries found, const edited_text& edited,
                                   std::uint32_t map_shift, const seam& s) {
  auto first_output = p.first->stop.output;
  for (auto& b : found) {
    if (b.stop.output != edit_stop::nowhere)
      b.stop.output += first_output;
    b.stop.moving += p.first->stop.moving;
  }
  // All modulo 2^32.
  auto source_shift = p.end - p.old_end;
  auto output_shift = first_output + static_cast<std::uint32_t>(edited.text.size()) - output_end(p);
  auto moving_shift = edited.moving - moving_in(p);
  auto behind = p.last == boundaries_.end() ? p.last : p.last + 1;
  for (auto b = behind; b != boundaries_.end(); ++b) {
    b->at.position += source_shift;
    b->at.looked_at = std::max(b->at.looked_at + source_shift, found.back().at.looked_at);
    b->stop.source += source_shift;
    b->stop.moving += moving_shift;
    if (b->stop.output == edit_stop::nowhere)
      continue;
    b->stop.output += output_shift;
    if (moving_ == 0)
      continue;
    b->map.output = moved_with(b->map.output, s.old_map.output, s.map.output);
    b->map.last_output = moved_with(b->map.last_output, s.old_map.output, s.map.output);
    b->map.last_source = moved_with(b->map.last_source, s.old_source, s.source);
    b->map.size += map_shift;
  }
  moving_ += moving_shift;
  auto where = boundaries_.erase(p.first + 1, behind);
  boundaries_.insert(where, std::make_move_iterator(found.begin()),
                     std::make_move_iterator(found.end()));
}

} // namespace zako::transpile
