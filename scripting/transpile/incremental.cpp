// Finds what a change of the text touches, and makes that anew.
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

bool exports_something(const syntax_tree& tree) {
  for (node_id id = 0; id < tree.size(); ++id)
    if (tree[id].what == kind::export_statement)
      return true;
  return false;
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
  if (exports_something(before.tree) !=
      exports_something(now.tree)) // what is a module and what is none differ
    return false;
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

/// The last boundary before which nothing can have changed.
std::optional<kept_file::boundaries::iterator> kept_file::start_of(const change& edit) {
  auto behind =
      std::partition_point(boundaries_.begin(), boundaries_.end(),
                           [&](const boundary& b) { return b.at.looked_at <= edit.begin; });
  while (behind != boundaries_.begin())
    if ((--behind)->stop.output != edit_stop::nowhere)
      return behind;
  return std::nullopt;
}

/// Parses the new statements, up to a boundary from which the rest is as it was.
std::optional<kept_file::part> kept_file::parse_changed(const change& edit,
                                                        boundaries::iterator first, unit& now,
                                                        parser& p,
                                                        const std::atomic<std::size_t>* stop,
                                                        std::vector<parser::checkpoint>& met) {
  auto shift = edit.end - edit.old_end; // modulo 2^32
  auto last = boundaries_.end();
  auto end = parse_part(now, p, *dialect_, stop, first->at, [&](const parser::checkpoint& behind) {
    met.push_back(behind);
    if (behind.position < edit.end)
      return true;
    auto was = behind.position - shift;
    auto same = std::partition_point(first, boundaries_.end(),
                                     [was](const boundary& b) { return b.at.position < was; });
    if (same == boundaries_.end() || same->at.position != was || same->at.base != behind.base ||
        same->stop.output == edit_stop::nowhere)
      return true;
    last = same;
    return false;
  });
  if (end != parse_end::complete && end != parse_end::halted)
    return std::nullopt;
  auto old_end = last == boundaries_.end() ? source_.size() : last->at.position;
  return part{.first = first,
              .last = last,
              .old_end = static_cast<std::uint32_t>(old_end),
              .end = static_cast<std::uint32_t>(old_end) + shift};
}

std::uint32_t kept_file::output_end(const part& p) const {
  return p.last == boundaries_.end() ? static_cast<std::uint32_t>(made_.javascript.size())
                                     : p.last->stop.output;
}

std::uint32_t kept_file::moving_in(const part& p) const {
  return (p.last == boundaries_.end() ? moving_ : p.last->stop.moving) - p.first->stop.moving;
}

std::optional<transpiled> kept_file::update(std::string_view text, parser& p,
                                            const std::atomic<std::size_t>* stop) {
  auto edit = find_change(text);
  if (edit.old_end == edit.begin && edit.end == edit.begin)
    return made_;
  auto first = start_of(edit);
  if (!first)
    return std::nullopt;
  unit now;
  now.start(text, file_, options_);
  std::vector<parser::checkpoint> met;
  auto changed = parse_changed(edit, *first, now, p, stop, met);
  if (!changed)
    return std::nullopt;

  // The old statements, to see what they had to do with the rest.
  unit before;
  before.start(source_, file_, options_);
  auto from = (*first)->at;
  auto old = parse_part(before, p, *dialect_, stop, from,
                        [&](const parser::checkpoint& b) { return b.position < changed->old_end; });
  auto new_text = text.substr(from.position, changed->end - from.position);
  auto old_text = std::string_view{source_}.substr(from.position, changed->old_end - from.position);
  bool parsed = old == parse_end::complete || old == parse_end::halted;
  if (!parsed || misleads_grammar(new_text) || misleads_grammar(old_text) ||
      find_invalid_utf8(new_text) != std::string_view::npos || !is_independent(before, now))
    return std::nullopt;

  emit(now);
  auto stops = make_stops(text, met);
  edited_text edited;
  edit_scope scope{
      .begin = from.position, .end = changed->end, .pieces = moving_ > 0, .stops = &stops};
  if (!now.problems.empty() || !now.edits.apply(text, edited, scope))
    return std::nullopt;
  auto moving = moving_ - moving_in(*changed) + edited.moving;
  if ((moving > 0) != (moving_ > 0)) // a map comes or goes
    return std::nullopt;
  boundaries found;
  for (std::size_t i = 0; i < met.size(); ++i)
    found.push_back({.at = met[i], .stop = stops[i], .map = {}});
  return splice(text, now, edited, *changed, std::move(found));
}

std::size_t kept_file::bytes() const {
  return source_.capacity() + made_.javascript.capacity() + made_.source_map.capacity() +
         boundaries_.capacity() * sizeof(boundary);
}

} // namespace zako::transpile
