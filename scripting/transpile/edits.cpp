// Applies ordered byte-range edits to a text.
#include "scripting/transpile/edits.hpp"

#include <algorithm>
#include <limits>

#include "scripting/transpile/text.hpp"

namespace zako::transpile {

namespace {
constexpr auto closes_nothing = std::numeric_limits<std::uint32_t>::max();
} // namespace

void edit_list::blank(std::uint32_t begin, std::uint32_t end, char lead) {
  if (begin < end)
    edits_.push_back({.begin = begin,
                      .end = end,
                      .what = action::blank,
                      .lead = lead,
                      .text = {},
                      .opened = closes_nothing});
}

void edit_list::blank_rest(std::uint32_t begin, std::uint32_t end) {
  blank(begin, end);
  edits_.back().what = action::blank_rest;
}

void edit_list::replace(std::uint32_t begin, std::uint32_t end, std::string text) {
  edits_.push_back({.begin = begin,
                    .end = end,
                    .what = action::replace,
                    .lead = ' ',
                    .text = std::move(text),
                    .opened = closes_nothing});
}

void edit_list::close(std::uint32_t at, std::string text, std::uint32_t begin) {
  edits_.push_back({.begin = at,
                    .end = at,
                    .what = action::replace,
                    .lead = ' ',
                    .text = std::move(text),
                    .opened = begin});
}

void edit_list::move(std::uint32_t begin, std::uint32_t end, std::uint32_t to) {
  auto add = [this](std::uint32_t at, action what, std::uint32_t opened) {
    edits_.push_back({.begin = at,
                      .end = at,
                      .what = what,
                      .lead = ' ',
                      .text = {},
                      .opened = opened,
                      .moved = moves_});
  };
  add(begin, action::cut, closes_nothing);
  add(end, action::uncut, begin - 1); // behind whatever ends inside
  add(to, action::paste, closes_nothing);
  ++moves_;
}

void edit_list::order() {
  auto before = [](const edit& a, const edit& b) {
    if (a.begin != b.begin)
      return a.begin < b.begin;
    bool a_inserts = a.end == a.begin;
    bool b_inserts = b.end == b.begin;
    return a_inserts != b_inserts ? a_inserts : a_inserts && a.opened > b.opened;
  };
  if (!std::is_sorted(edits_.begin(), edits_.end(), before))
    std::stable_sort(edits_.begin(), edits_.end(), before);
}

namespace {

void append_blank(std::string& out, std::string_view gone, char lead) {
  bool first = true;
  for (std::size_t i = 0; i < gone.size();) {
    auto n = sequence_length(gone[i]);
    char c = gone[i];
    if (c == '\n' || c == '\r') {
      out += c;
    } else if (n == 3 && is_unicode_line_end(gone, i)) {
      out += gone.substr(i, 3);
    } else {
      out += first ? lead : ' ';
      if (n == 4)
        out += ' ';
    }
    first = false;
    i += n;
  }
}

/// True when text behind the replacement keeps its line and column.
bool same_shape(std::string_view a, std::string_view b) {
  return !has_line_break(a) && !has_line_break(b) && utf16_length(a) == utf16_length(b);
}

} // namespace

bool edit_list::removes(std::uint32_t begin, std::uint32_t end) const {
  auto behind = std::partition_point(removed_.begin(), removed_.end(),
                                     [begin](const byte_range& r) { return r.begin <= begin; });
  return behind != removed_.begin() && end <= std::prev(behind)->end;
}

namespace {

/// Output that is being written: the text itself, or a part of it that is to be pasted later.
struct sink {
  std::string text;
  std::vector<mapped_piece> pieces;

  void note(std::size_t begin, std::size_t from, bool kept) {
    if (text.size() > begin)
      pieces.push_back({.output = static_cast<std::uint32_t>(begin),
                        .source = static_cast<std::uint32_t>(from),
                        .length = static_cast<std::uint32_t>(text.size() - begin),
                        .kept = kept});
  }

  void append(sink part) {
    auto shift = static_cast<std::uint32_t>(text.size());
    text += part.text;
    for (auto& piece : part.pieces) {
      piece.output += shift;
      pieces.push_back(piece);
    }
  }
};

} // namespace

bool edit_list::apply(std::string_view source, edited_text& out, const edit_scope& scope) {
  order();
  removed_.clear();
  auto moves = [source](const edit& e) {
    return e.what == action::cut || (e.what == action::replace &&
                                     !same_shape(source.substr(e.begin, e.end - e.begin), e.text));
  };
  out.moving = static_cast<std::uint32_t>(std::count_if(edits_.begin(), edits_.end(), moves));
  bool note_pieces = out.moving > 0 || scope.pieces;
  std::vector<sink> open(1);
  std::vector<sink> cut(moves_);
  auto source_end = std::min<std::size_t>(scope.end, source.size());
  open.back().text.reserve(source_end - scope.begin + 64);
  std::size_t at = scope.begin;
  auto copy_until = [&](std::size_t end) {
    auto& to = open.back();
    auto begin = to.text.size();
    to.text += source.substr(at, end - at);
    if (note_pieces)
      to.note(begin, at, true);
    at = end;
  };
  std::size_t stop = 0; // the next one
  std::uint32_t moving = 0;
  auto stop_before = [&](std::size_t end) {
    return scope.stops != nullptr && stop < scope.stops->size() &&
           (*scope.stops)[stop].source < end;
  };
  auto keep_until = [&](std::size_t end) {
    for (; stop_before(end); ++stop) {
      auto& s = (*scope.stops)[stop];
      if (s.source < at || open.size() > 1)
        continue;
      copy_until(s.source);
      s.output = static_cast<std::uint32_t>(open.back().text.size());
      s.moving = moving;
    }
    copy_until(end);
  };
  for (auto& e : edits_) {
    if (e.what == action::blank_rest && e.end <= at)
      continue;
    if (e.begin < at || e.end > source_end)
      return false;
    keep_until(e.begin);
    bool inserts = e.begin == e.end;
    if (inserts && stop_before(e.begin + 1U))
      ++stop;
    moving += scope.stops != nullptr && moves(e);
    if (e.what == action::cut) {
      open.emplace_back();
      continue;
    }
    if (e.what == action::uncut) {
      if (open.size() < 2)
        return false;
      cut[e.moved] = std::move(open.back());
      open.pop_back();
      continue;
    }
    if (!removed_.empty() && removed_.back().end == e.begin)
      removed_.back().end = e.end;
    else if (e.begin < e.end)
      removed_.push_back({e.begin, e.end});
    auto& to = open.back();
    if (e.what == action::paste) {
      to.append(std::move(cut[e.moved]));
      continue;
    }
    auto begin = to.text.size();
    if (e.what == action::blank || e.what == action::blank_rest)
      append_blank(to.text, source.substr(e.begin, e.end - e.begin), e.lead);
    else
      to.text += e.text;
    if (note_pieces)
      to.note(begin, e.begin, false);
    at = e.end;
  }
  keep_until(source_end);
  if (stop_before(source_end + 1U) && open.size() == 1) {
    auto& s = (*scope.stops)[stop];
    s.output = static_cast<std::uint32_t>(open.back().text.size());
    s.moving = moving;
  }
  out.text = std::move(open.back().text);
  out.pieces = std::move(open.back().pieces);
  return open.size() == 1;
}

} // namespace zako::transpile
