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
                      .blanks = true,
                      .lead = lead,
                      .text = {},
                      .opened = closes_nothing});
}

void edit_list::replace(std::uint32_t begin, std::uint32_t end, std::string text) {
  edits_.push_back({.begin = begin,
                    .end = end,
                    .blanks = false,
                    .lead = ' ',
                    .text = std::move(text),
                    .opened = closes_nothing});
}

void edit_list::close(std::uint32_t at, std::string text, std::uint32_t begin) {
  edits_.push_back({.begin = at,
                    .end = at,
                    .blanks = false,
                    .lead = ' ',
                    .text = std::move(text),
                    .opened = begin});
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
  auto at = std::partition_point(edits_.begin(), edits_.end(),
                                 [begin](const edit& e) { return e.end <= begin; });
  for (; at != edits_.end() && at->begin <= begin && begin < end; ++at)
    begin = std::max(begin, at->end);
  return begin >= end;
}

bool edit_list::apply(std::string_view source, edited_text& out) {
  order();
  out.text.clear();
  out.text.reserve(source.size() + 64);
  out.pieces.clear();
  out.moved = std::any_of(edits_.begin(), edits_.end(), [&](const edit& e) {
    return !e.blanks && !same_shape(source.substr(e.begin, e.end - e.begin), e.text);
  });
  auto note = [&out](std::size_t begin, std::size_t from, bool kept) {
    if (out.moved && out.text.size() > begin)
      out.pieces.push_back({.output = static_cast<std::uint32_t>(begin),
                            .source = static_cast<std::uint32_t>(from),
                            .length = static_cast<std::uint32_t>(out.text.size() - begin),
                            .kept = kept});
  };
  std::size_t at = 0;
  auto keep_until = [&](std::size_t end) {
    auto begin = out.text.size();
    out.text += source.substr(at, end - at);
    note(begin, at, true);
    at = end;
  };
  for (auto& e : edits_) {
    if (e.begin < at || e.end > source.size())
      return false;
    keep_until(e.begin);
    auto begin = out.text.size();
    if (e.blanks)
      append_blank(out.text, source.substr(e.begin, e.end - e.begin), e.lead);
    else
      out.text += e.text;
    note(begin, e.begin, false);
    at = e.end;
  }
  keep_until(source.size());
  return true;
}

} // namespace zako::transpile
