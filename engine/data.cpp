// Plain data: access, JSON text, canonical bytes, and readers that name what is wrong.
#include "engine/data.hpp"

#include <bit>
#include <cmath>
#include <cstdint>

#include <fmt/format.h>

#include "engine/codec.hpp"

namespace zako {

namespace {

const data null_data;

enum class tag : char { null, no, yes, number, string, array, object };

constexpr int max_depth = 200;

void append_string_json(std::string& out, std::string_view text) {
  out += '"';
  for (auto c : text) {
    switch (c) {
    case '"':
      out += "\\\"";
      break;
    case '\\':
      out += "\\\\";
      break;
    case '\n':
      out += "\\n";
      break;
    case '\r':
      out += "\\r";
      break;
    case '\t':
      out += "\\t";
      break;
    default:
      if (static_cast<unsigned char>(c) < 0x20)
        out += fmt::format("\\u{:04x}", static_cast<unsigned>(static_cast<unsigned char>(c)));
      else
        out += c;
    }
  }
  out += '"';
}

void append_number_json(std::string& out, double x) {
  if (!std::isfinite(x))
    out += "null";
  else if (x == std::trunc(x) && std::abs(x) < 9007199254740992.0)
    out += fmt::format("{}", static_cast<std::int64_t>(x));
  else
    out += fmt::format("{}", x);
}

void append_json(std::string& out, const data& x, int indent, int depth) {
  auto new_line = [&](int d) {
    if (indent >= 0) {
      out += '\n';
      out.append(static_cast<std::size_t>(indent * d), ' ');
    }
  };
  if (auto b = x.as_bool()) {
    out += *b ? "true" : "false";
  } else if (auto n = x.as_number()) {
    append_number_json(out, *n);
  } else if (auto s = x.as_string()) {
    append_string_json(out, *s);
  } else if (auto a = x.as_array()) {
    out += '[';
    for (std::size_t i = 0; i < a->size(); ++i) {
      if (i > 0)
        out += ',';
      new_line(depth + 1);
      append_json(out, (*a)[i], indent, depth + 1);
    }
    if (!a->empty())
      new_line(depth);
    out += ']';
  } else if (auto o = x.as_object()) {
    out += '{';
    for (std::size_t i = 0; i < o->size(); ++i) {
      if (i > 0)
        out += ',';
      new_line(depth + 1);
      append_string_json(out, (*o)[i].first);
      out += indent >= 0 ? ": " : ":";
      append_json(out, (*o)[i].second, indent, depth + 1);
    }
    if (!o->empty())
      new_line(depth);
    out += '}';
  } else {
    out += "null";
  }
}

/// One bit pattern per value: no negative zero, one NaN.
double canonical(double x) {
  if (x == 0)
    return 0;
  return std::isnan(x) ? std::bit_cast<double>(0x7ff8000000000000ull) : x;
}

/// Reads one tree off the front of `in`; false when the bytes are none.
bool read_tree(decoder& in, data& out, int depth);

template <class Add>
bool read_list(decoder& in, Add add) {
  std::uint64_t n = 0;
  if (!in.apply(n))
    return false;
  for (std::uint64_t i = 0; i < n; ++i)
    if (!add())
      return false;
  return true;
}

bool read_tree(decoder& in, data& out, int depth) {
  if (depth > max_depth)
    return false;
  char what = 0;
  if (!in.apply(what))
    return false;
  switch (static_cast<tag>(what)) {
  case tag::null:
    out = data();
    return true;
  case tag::no:
    out = data(false);
    return true;
  case tag::yes:
    out = data(true);
    return true;
  case tag::number: {
    double x = 0;
    if (!in.apply(x) ||
        std::bit_cast<std::uint64_t>(x) != std::bit_cast<std::uint64_t>(canonical(x)))
      return false;
    out = data(x);
    return true;
  }
  case tag::string: {
    std::string x;
    if (!in.apply(x))
      return false;
    out = data(std::move(x));
    return true;
  }
  case tag::array: {
    data::array xs;
    if (!read_list(in, [&] { return read_tree(in, xs.emplace_back(), depth + 1); }))
      return false;
    out = data(std::move(xs));
    return true;
  }
  case tag::object: {
    data::object xs;
    if (!read_list(in, [&] {
          auto& member = xs.emplace_back();
          return in.apply(member.first) && read_tree(in, member.second, depth + 1);
        }))
      return false;
    out = data(std::move(xs));
    return true;
  }
  }
  return false;
}

} // namespace

data data::strings(const std::vector<std::string>& xs) {
  return data(array(xs.begin(), xs.end()));
}

const data& data::operator[](std::string_view name) const {
  if (auto o = as_object())
    for (auto& [key, x] : *o)
      if (key == name)
        return x;
  return null_data;
}

void data::set(std::string name, data x) {
  if (!as_object())
    rep_ = object();
  auto& members = *as_object();
  for (auto& member : members)
    if (member.first == name) {
      member.second = std::move(x);
      return;
    }
  members.emplace_back(std::move(name), std::move(x));
}

std::string_view data::type_name() const {
  static constexpr std::string_view names[] = {"null",   "boolean", "number",
                                               "string", "array",   "object"};
  return names[rep_.index()];
}

std::string data::to_json(int indent) const {
  std::string out;
  append_json(out, *this, indent, 0);
  return out;
}

void data::append_bytes(std::string& out) const {
  encoder to{out};
  auto put_tag = [&](tag t) { out.push_back(static_cast<char>(t)); };
  if (auto b = as_bool()) {
    put_tag(*b ? tag::yes : tag::no);
  } else if (auto n = as_number()) {
    put_tag(tag::number);
    to.apply(canonical(*n));
  } else if (auto s = as_string()) {
    put_tag(tag::string);
    to.apply(*s);
  } else if (auto a = as_array()) {
    put_tag(tag::array);
    to.apply(static_cast<std::uint64_t>(a->size()));
    for (auto& x : *a)
      x.append_bytes(out);
  } else if (auto o = as_object()) {
    put_tag(tag::object);
    to.apply(static_cast<std::uint64_t>(o->size()));
    for (auto& [key, x] : *o) {
      to.apply(key);
      x.append_bytes(out);
    }
  } else {
    put_tag(tag::null);
  }
}

bool data::from_bytes(std::string_view bytes, data& out) {
  decoder in{bytes};
  return read_tree(in, out, 0) && in.at_end();
}

result<std::string> want_string(const data& x, std::string_view path) {
  if (auto s = x.as_string())
    return *s;
  return fail(errc::script, fmt::format("{} must be a string, not {}", path, x.type_name()));
}

result<std::vector<std::string>> want_strings(const data& x, std::string_view path) {
  std::vector<std::string> out;
  if (x.is_null())
    return out;
  auto a = x.as_array();
  if (!a)
    return fail(errc::script,
                fmt::format("{} must be an array of strings, not {}", path, x.type_name()));
  for (std::size_t i = 0; i < a->size(); ++i) {
    auto s = want_string((*a)[i], fmt::format("{}[{}]", path, i));
    if (!s)
      return tl::unexpected(std::move(s.error()));
    out.push_back(std::move(*s));
  }
  return out;
}

} // namespace zako
