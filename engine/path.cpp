// Neutral paths: normalising and taking apart.
#include "engine/path.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace zako {

namespace {

tl::unexpected<error> bad(std::string_view text, std::string_view why) {
  return fail(errc::invalid_path, fmt::format("the path '{}' {}", text, why));
}

result<void> check_characters(std::string_view text) {
  if (text.find('\0') != std::string_view::npos)
    return bad(text.substr(0, text.find('\0')), "holds a NUL character");
  if (text.find('\\') != std::string_view::npos)
    return bad(text, "holds a backslash; parts are separated by '/'");
  if (text.starts_with('/'))
    return bad(text, "is absolute; it must be relative");
  return {};
}

} // namespace

result<neutral_path> neutral_path::parse(std::string_view text) {
  return parse({}, text);
}

result<neutral_path> neutral_path::parse(const neutral_path& base, std::string_view text) {
  if (auto ok = check_characters(text); !ok)
    return fail(std::move(ok.error()));
  neutral_path out = base;
  for (auto rest = text; !rest.empty();) {
    auto slash = rest.find('/');
    auto part = rest.substr(0, slash);
    rest.remove_prefix(slash == std::string_view::npos ? rest.size() : slash + 1);
    if (part.empty() || part == ".")
      continue;
    if (part == "..") {
      if (out.empty())
        return bad(text, "leaves its root with '..'");
      out = out.parent();
    } else {
      out = out / part;
    }
  }
  return out;
}

neutral_path neutral_path::parent() const {
  neutral_path out;
  auto slash = text_.rfind('/');
  if (slash != std::string::npos)
    out.text_ = text_.substr(0, slash);
  return out;
}

std::string_view neutral_path::name() const {
  auto slash = text_.rfind('/');
  return std::string_view(text_).substr(slash == std::string::npos ? 0 : slash + 1);
}

std::string_view neutral_path::extension() const {
  auto last = name();
  auto dot = last.rfind('.');
  return dot == std::string_view::npos || dot == 0 ? std::string_view() : last.substr(dot);
}

bool neutral_path::is_within(const neutral_path& folder) const {
  if (folder.empty() || text_ == folder.text_)
    return true;
  return text_.size() > folder.text_.size() && text_.starts_with(folder.text_) &&
         text_[folder.text_.size()] == '/';
}

neutral_path neutral_path::operator/(std::string_view tail) const {
  neutral_path out = *this;
  if (!out.text_.empty() && !tail.empty())
    out.text_ += '/';
  out.text_ += tail;
  return out;
}

result<std::string> join_path(std::string_view folder, std::string_view text) {
  if (auto ok = check_characters(text); !ok)
    return fail(std::move(ok.error()));
  std::string out(folder);
  for (auto rest = text; !rest.empty();) {
    auto part = rest.substr(0, rest.find('/'));
    rest.remove_prefix(std::min(rest.size(), part.size() + 1));
    if (part.empty() || part == ".")
      continue;
    if (part == ".." && !out.empty() && out != ".." && !out.ends_with("/..")) {
      out.resize(folder_of(out).size());
    } else {
      out += out.empty() ? "" : "/";
      out += part;
    }
  }
  return out;
}

std::string_view folder_of(std::string_view path) {
  auto slash = path.rfind('/');
  return path.substr(0, slash == std::string_view::npos ? 0 : slash);
}

bool is_below(std::string_view path, std::string_view folder) {
  if (folder.empty())
    return path != ".." && !path.starts_with("../");
  return path.starts_with(folder) && (path.size() == folder.size() || path[folder.size()] == '/');
}

} // namespace zako
