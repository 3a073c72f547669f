// Finds what a change of the text touches, and puts the new parts between the old ones.
#include "scripting/transpile/incremental.hpp"

#include <algorithm>

#include "scripting/transpile/emit.hpp"
#include "scripting/transpile/repair.hpp"

namespace zako::transpile {

namespace {

/// Statements whose JavaScript depends on others, or on which others depend whatever their names.
bool concerns_whole_file(const syntax_tree& tree, node_id id) {
  switch (tree[id].what) {
  case kind::import_statement:
  case kind::import_alias:
  case kind::enum_declaration:
  case kind::module:
  case kind::internal_module:
  case kind::ambient_declaration:
  case kind::jsx_opening_element:
  case kind::jsx_self_closing_element:
    return true;
  case kind::export_statement:
    return tree.child(id, field::declaration) == no_node;
  default:
    return false;
  }
}

struct declared_name {
  std::string_view name;
  kind by;
  auto operator<=>(const declared_name&) const = default;
};

/// What a part of a file declares for the whole file, sorted.
std::vector<declared_name> declared_names(const syntax_tree& tree) {
  std::vector<declared_name> all;
  for (node_id id = 0; id < tree.size(); ++id) {
    if (!is_name(tree[id].what))
      continue;
    auto by = tree.parent_kind(id);
    bool type = by == kind::interface_declaration || by == kind::type_alias_declaration;
    if (type ? tree[id].role == field::name : declaring_scope(tree, id) == 0)
      all.push_back({tree.text(id), by});
  }
  std::sort(all.begin(), all.end());
  return all;
}

bool is_type(const declared_name& d) {
  return d.by == kind::interface_declaration || d.by == kind::type_alias_declaration;
}

map_place place_of(const line_index& lines, std::string_view text, std::uint32_t offset) {
  auto line = lines.line_of(offset);
  auto start = lines.line_start(line);
  return {.line = line, .column = utf16_length(text.substr(start, offset - start))};
}

} // namespace

std::vector<edit_stop> make_stops(std::string_view text,
                                  std::vector<parser::checkpoint>& statements) {
  // Elsewhere a run of signs may go on behind the statement, which one segment of a map stands for.
  std::erase_if(statements, [text](const parser::checkpoint& c) {
    return c.position < text.size() &&
           std::string_view{" \t\r\n"}.find(text[c.position]) == text.npos;
  });
  std::vector<edit_stop> stops;
  for (auto& s : statements)
    stops.push_back({.source = s.position});
  return stops;
}

std::optional<kept_file> kept_file::keep(const unit& u, const grammar& g,
                                         const parse_result& parsed,
                                         const std::vector<edit_stop>& stops,
                                         const edited_text& edited, const transpiled& made) {
  auto& tree = u.tree;
  kept_file kept;
  auto add_words = [&tree](node_id id, std::unordered_set<std::string>& to) {
    for (auto at = id; at < tree[id].next; ++at)
      if (is_name(tree[at].what))
        to.emplace(tree.text(at));
  };
  for (node_id id = 0; id < tree.size(); ++id)
    switch (tree[id].what) {
    case kind::jsx_opening_element:
    case kind::jsx_self_closing_element: // their import stands at the beginning
      return std::nullopt;
    case kind::enum_declaration:
    case kind::module:
    case kind::internal_module:
    case kind::import_alias:
      add_words(id, kept.folded_);
      break;
    case kind::import_statement:
    case kind::interface_declaration:
    case kind::type_alias_declaration:
    case kind::ambient_declaration:
      add_words(id, kept.entangled_);
      break;
    case kind::export_statement:
      if (tree.child(id, field::declaration) == no_node)
        add_words(id, kept.entangled_);
      break;
    default:
      break;
    }
  kept.source_ = u.source;
  kept.file_ = u.file;
  kept.options_ = u.options;
  kept.options_.stop = nullptr;
  kept.dialect_ = &g;
  kept.made_ = made;
  kept.moving_ = edited.moving;
  std::vector<map_writer::state> states(stops.size());
  if (edited.moving > 0) {
    kept.map_begin_ = static_cast<std::uint32_t>(map_begin(u.file).size());
    states.clear();
    map_writer{}.add(edited, u.source, line_index{u.source}, stops, &states);
  }
  for (std::size_t i = 0; i < stops.size(); ++i)
    kept.boundaries_.push_back({.at = parsed.statements[i], .stop = stops[i], .map = states[i]});
  kept.imports_ = imported_names(u);
  return kept;
}

bool kept_file::has_options(const transpile_options& options) const {
  return options.verbatim_module_syntax == options_.verbatim_module_syntax &&
         options.jsx == options_.jsx && options.jsx_import_source == options_.jsx_import_source &&
         options.target == options_.target;
}

kept_file::change kept_file::find_change(std::string_view text) const {
  auto [was, is] = std::mismatch(source_.begin(), source_.end(), text.begin(), text.end());
  auto begin = static_cast<std::size_t>(was - source_.begin());
  auto left = std::min(source_.size(), text.size()) - begin;
  std::size_t same = 0;
  while (same < left && source_[source_.size() - 1 - same] == text[text.size() - 1 - same])
    ++same;
  return {.begin = static_cast<std::uint32_t>(begin),
          .old_end = static_cast<std::uint32_t>(source_.size() - same),
          .end = static_cast<std::uint32_t>(text.size() - same)};
}

/// True when no other statement of the file has to be emitted anew because of these.
bool kept_file::is_independent(const unit& before, const unit& now) const {
  for (auto tree : {&before.tree, &now.tree})
    for (node_id id = 0; id < tree->size(); ++id)
      if (concerns_whole_file(*tree, id))
        return false;
  auto old_names = declared_names(before.tree);
  auto new_names = declared_names(now.tree);
  for (auto names : {&old_names, &new_names})
    for (auto& d : *names)
      if (folded_.count(std::string{d.name}) != 0)
        return false;
  std::vector<declared_name> changed;
  std::set_symmetric_difference(old_names.begin(), old_names.end(), new_names.begin(),
                                new_names.end(), std::back_inserter(changed));
  for (auto& d : changed)
    if (is_type(d) || entangled_.count(std::string{d.name}) != 0)
      return false;
  auto old_used = names_used_from_outside(before.tree, imports_);
  auto new_used = names_used_from_outside(now.tree, imports_);
  for (auto name : new_used)
    if (old_used.count(name) == 0 && !imports_.at(std::string{name}))
      return false;
  return std::all_of(old_used.begin(), old_used.end(),
                     [&](std::string_view name) { return new_used.count(name) != 0; });
}

std::optional<transpiled> kept_file::update(std::string_view text, parser& p,
                                            const std::atomic<std::size_t>* stop) {
  auto edit = find_change(text);
  if (edit.old_end == edit.begin && edit.end == edit.begin)
    return made_;
  auto is_usable = [](const boundary& b) { return b.stop.output != edit_stop::nowhere; };
  auto first = std::partition_point(boundaries_.begin(), boundaries_.end(), [&](const boundary& b) {
    return b.at.looked_at <= edit.begin;
  });
  do {
    if (first == boundaries_.begin())
      return std::nullopt;
    --first;
  } while (!is_usable(*first));

  // The new statements, up to a place from which the rest is as it was.
  auto shift = edit.end - edit.old_end; // modulo 2^32
  auto last = boundaries_.end();
  std::vector<parser::checkpoint> met;
  unit now;
  now.start(text, file_, options_);
  auto end = parse_part(now, p, *dialect_, stop, first->at, [&](const parser::checkpoint& behind) {
    met.push_back(behind);
    if (behind.position < edit.end)
      return true;
    auto was = behind.position - shift;
    last = std::partition_point(first, boundaries_.end(),
                                [was](const boundary& b) { return b.at.position < was; });
    bool same = last != boundaries_.end() && last->at.position == was &&
                last->at.base == behind.base && is_usable(*last);
    if (!same)
      last = boundaries_.end();
    return !same;
  });
  if (end != parse_end::complete && end != parse_end::halted)
    return std::nullopt;
  auto old_end =
      last == boundaries_.end() ? static_cast<std::uint32_t>(source_.size()) : last->at.position;
  auto new_end = last == boundaries_.end() ? static_cast<std::uint32_t>(text.size())
                                           : last->at.position + shift;

  // The old ones, to see what they had to do with the rest.
  unit before;
  before.start(source_, file_, options_);
  auto old = parse_part(before, p, *dialect_, stop, first->at,
                        [&](const parser::checkpoint& b) { return b.position < old_end; });
  if (old != parse_end::complete && old != parse_end::halted)
    return std::nullopt;
  auto part = [&](std::string_view all, std::uint32_t part_end) {
    return all.substr(first->at.position, part_end - first->at.position);
  };
  if (misleads_grammar(part(text, new_end)) || misleads_grammar(part(source_, old_end)) ||
      !is_independent(before, now))
    return std::nullopt;
  if (find_invalid_utf8(part(text, new_end)) != std::string_view::npos)
    return std::nullopt;

  emit(now);
  if (!now.problems.empty())
    return std::nullopt;
  auto stops = make_stops(text, met);
  edited_text edited;
  edit_scope scope{
      .begin = first->at.position, .end = new_end, .pieces = moving_ > 0, .stops = &stops};
  if (!now.edits.apply(text, edited, scope))
    return std::nullopt;
  auto moving_before = last == boundaries_.end() ? moving_ : last->stop.moving;
  auto moving = moving_ - (moving_before - first->stop.moving) + edited.moving;
  if ((moving > 0) != (moving_ > 0)) // a map comes or goes
    return std::nullopt;
  boundaries found;
  for (std::size_t i = 0; i < met.size(); ++i)
    found.push_back({.at = met[i], .stop = stops[i], .map = {}});
  return splice(text, now, edited, first, last, std::move(found));
}

/// Puts the new part into the place of what was between two boundaries.
transpiled kept_file::splice(std::string_view text, unit& now, const edited_text& edited,
                             boundaries::iterator first, boundaries::iterator last,
                             boundaries found) {
  bool to_the_end = last == boundaries_.end();
  auto from = first->at.position;
  auto old_end = to_the_end ? static_cast<std::uint32_t>(source_.size()) : last->at.position;
  auto new_end = old_end + static_cast<std::uint32_t>(text.size() - source_.size());
  auto old_output_end =
      to_the_end ? static_cast<std::uint32_t>(made_.javascript.size()) : last->stop.output;
  auto first_output = first->stop.output;
  auto output_shift =
      first_output + static_cast<std::uint32_t>(edited.text.size()) - old_output_end;
  auto moving_shift =
      edited.moving - ((to_the_end ? moving_ : last->stop.moving) - first->stop.moving);
  auto source_shift = new_end - old_end;

  bool places = moving_ > 0 || !made_.imports.empty() || !now.imports.empty();
  map_place old_begin;
  map_place old_place;
  map_place new_place;
  if (places) {
    line_index old_lines{source_};
    old_begin = place_of(old_lines, source_, from);
    old_place = place_of(old_lines, source_, old_end);
    new_place = place_of(now.lines(), text, new_end);
  }

  transpiled out;
  out.javascript.reserve(made_.javascript.size() + output_shift + 64);
  out.javascript.append(made_.javascript, 0, first_output)
      .append(edited.text)
      .append(made_.javascript, old_output_end);

  auto place = [](const source_position& p) {
    return map_place{.line = static_cast<std::int64_t>(p.line) - 1,
                     .column = static_cast<std::int64_t>(p.column) - 1};
  };
  auto is_before = [](const map_place& a, const map_place& b) {
    return a.line != b.line ? a.line < b.line : a.column < b.column;
  };
  auto& was = made_.imports;
  auto gone = std::partition_point(was.begin(), was.end(), [&](const import_site& i) {
    return is_before(place(i.position), old_begin);
  });
  auto left = std::partition_point(gone, was.end(), [&](const import_site& i) {
    return is_before(place(i.position), old_place);
  });
  out.imports.assign(was.begin(), gone);
  std::move(now.imports.begin(), now.imports.end(), std::back_inserter(out.imports));
  for (; left != was.end(); ++left) {
    auto to = moved_with(place(left->position), old_place, new_place);
    left->position.line = static_cast<std::uint32_t>(to.line + 1);
    left->position.column = static_cast<std::uint32_t>(to.column + 1);
    out.imports.push_back(*left);
  }

  map_writer::state old_seam;
  map_writer::state seam;
  if (moving_ > 0) {
    std::vector<edit_stop> stops;
    for (auto& b : found)
      stops.push_back(b.stop);
    std::vector<map_writer::state> states;
    map_writer writer{first->map};
    writer.add(edited, text, now.lines(), stops, &states);
    for (std::size_t i = 0; i < found.size(); ++i)
      found[i].map = states[i];
    auto mappings = std::string_view{made_.source_map}.substr(map_begin_);
    mappings.remove_suffix(map_end.size());
    seam = writer.now();
    if (!to_the_end) {
      old_seam = last->map;
      writer.append(mappings.substr(old_seam.size), old_seam, old_place, new_place);
    }
    out.source_map.append(made_.source_map, 0, map_begin_ + first->map.size)
        .append(writer.mappings())
        .append(map_end);
  }

  // What is kept is brought up to date: `last` itself is among the new ones.
  for (auto& b : found) {
    if (b.stop.output != edit_stop::nowhere)
      b.stop.output += first_output;
    b.stop.moving += first->stop.moving;
  }
  auto size_shift = static_cast<std::uint32_t>(out.source_map.size() - made_.source_map.size());
  for (auto b = to_the_end ? last : last + 1; b != boundaries_.end(); ++b) {
    b->at.position += source_shift;
    b->at.looked_at = std::max(b->at.looked_at + source_shift, found.back().at.looked_at);
    b->stop.source += source_shift;
    b->stop.moving += moving_shift;
    if (b->stop.output == edit_stop::nowhere)
      continue;
    b->stop.output += output_shift;
    if (moving_ == 0)
      continue;
    b->map.output = moved_with(b->map.output, old_seam.output, seam.output);
    b->map.last_output = moved_with(b->map.last_output, old_seam.output, seam.output);
    b->map.last_source = moved_with(b->map.last_source, old_place, new_place);
    b->map.size += size_shift;
  }
  auto behind = to_the_end ? last : last + 1;
  auto where = boundaries_.erase(first + 1, behind);
  boundaries_.insert(where, std::make_move_iterator(found.begin()),
                     std::make_move_iterator(found.end()));
  moving_ += moving_shift;
  source_ = text;
  made_ = out;
  return out;
}

std::size_t kept_file::bytes() const {
  return source_.capacity() + made_.javascript.capacity() + made_.source_map.capacity() +
         boundaries_.capacity() * sizeof(boundary);
}

} // namespace zako::transpile
