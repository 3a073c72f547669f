// An inspector that writes text, and which type each kind's values have.
#include "engine/value_text.hpp"

#include <array>
#include <concepts>
#include <map>
#include <optional>
#include <set>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include "engine/codec.hpp"
#include "engine/digest.hpp"
#include "engine/job_inspect.hpp"
#include "engine/values.hpp"

namespace zako {

namespace {

/// In quotation marks, on one line, whatever is in it.
std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (auto c : text)
    if (c == '"' || c == '\\')
      out += {'\\', c};
    else if (c == '\n')
      out += "\\n";
    else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    else
      out += c;
  return out + '"';
}

/// Writes what it inspects: the members of the outermost object a line each, everything within
/// them on their lines; a list among them one element a line.
class text_writer {
public:
  static constexpr bool is_loading = false;

  explicit text_writer(std::string& out) : out_(out) {}

  template <class T>
  struct plain_field {
    std::string_view name;
    const T* ref;
    void write(text_writer& f) { f.member(name, *ref); }
  };
  template <class Get>
  struct virtual_field {
    std::string_view name;
    Get get;
    void write(text_writer& f) { f.member(name, get()); }
  };
  struct object_scope {
    text_writer* self;
    template <class... Fields>
    bool fields(Fields... fs) {
      self->open();
      (fs.write(*self), ...);
      self->close();
      return true;
    }
  };
  template <class T>
  object_scope object(T&) {
    return {this};
  }
  template <class T>
  plain_field<T> field(std::string_view name, T& x) {
    return {name, &x};
  }
  template <class Get, class Set>
  virtual_field<Get> field(std::string_view name, Get get, Set) {
    return {name, std::move(get)};
  }

  template <std::integral T>
  bool apply(const T& x) {
    out_ += fmt::format("{}", x);
    return true;
  }
  bool apply(const double& x) {
    out_ += fmt::format("{}", x);
    return true;
  }
  bool apply(const std::string& x) {
    out_ += quoted(x);
    return true;
  }
  bool apply(const digest& x) {
    out_ += x.hex();
    return true;
  }
  bool apply(const data& x) {
    out_ += x.to_json();
    return true;
  }
  template <class T>
  bool apply(const std::vector<T>& xs) {
    return list(xs, '[', ']');
  }
  template <class T>
  bool apply(const std::set<T>& xs) {
    return list(xs, '[', ']');
  }
  template <class K, class V>
  bool apply(const std::map<K, V>& xs) {
    return list(xs, '{', '}');
  }
  template <class A, class B>
  bool apply(const std::pair<A, B>& x) {
    apply(x.first);
    out_ += ": ";
    return apply(x.second);
  }
  template <class T>
  bool apply(const std::optional<T>& x) {
    if (x)
      return apply(*x);
    out_ += "none";
    return true;
  }
  template <class... Ts>
  bool apply(const std::variant<Ts...>& x) {
    return std::visit([this](const auto& y) { return this->apply(y); }, x);
  }
  template <class T>
  requires(std::is_class_v<T> || std::is_enum_v<T>) bool apply(const T& x) {
    return inspect(*this, const_cast<T&>(x));
  }
  template <class Get, class Set>
  bool apply(Get&& get, Set&&) {
    return apply(get());
  }

private:
  void open() {
    if (depth_++ > 0)
      out_ += '{';
    first_ = true;
  }
  void close() {
    if (--depth_ > 0)
      out_ += '}';
    first_ = false;
  }

  template <class T>
  void member(std::string_view name, const T& x) {
    if (depth_ > 1 && !std::exchange(first_, false))
      out_ += ", ";
    out_ += name;
    out_ += ':';
    if (depth_ > 1 || !lines(x)) {
      out_ += ' ';
      apply(x);
    }
    if (depth_ == 1)
      out_ += '\n';
  }

  template <class T>
  bool lines(const T&) {
    return false;
  }
  template <class T>
  bool lines(const std::vector<T>& xs) {
    if (xs.empty())
      return false;
    for (auto& x : xs) {
      out_ += "\n  ";
      ++depth_;
      apply(x);
      --depth_;
    }
    return true;
  }

  template <class List>
  bool list(const List& xs, char begin, char end) {
    out_ += begin;
    auto first = true;
    ++depth_;
    for (auto& x : xs) {
      if (!std::exchange(first, false))
        out_ += ", ";
      apply(x);
    }
    --depth_;
    out_ += end;
    return true;
  }

  std::string& out_;
  int depth_ = 0;     // of objects and lists around what is written
  bool first_ = true; // member of the innermost object
};

template <class T>
std::optional<std::string> text_of(std::string_view bytes) {
  auto x = decode<T>(bytes);
  if (!x)
    return std::nullopt;
  std::string out;
  text_writer writer{out};
  inspect(writer, *x);
  return out;
}

struct row {
  std::string_view kind;
  std::optional<std::string> (*text)(std::string_view bytes);
};

constexpr std::array rows = {
    row{"action", text_of<action_value>},
    row{"analysis", text_of<analysis_value>},
    row{"artifact", text_of<artifact_value>},
    row{"build", text_of<build_value>},
    row{"config", text_of<data_value>},
    row{"dependencies", text_of<dependencies_value>},
    row{"directory", text_of<directory_value>},
    row{"env", text_of<environment_value>},
    row{"evaluation", text_of<evaluation_value>},
    row{"file", text_of<file_value>},
    row{"glob", text_of<paths_value>},
    row{"label", text_of<target_declaration>},
    row{"manifest", text_of<manifest_value>},
    row{"module", text_of<module_value>},
    row{"option", text_of<option_value>},
    row{"package", text_of<data_value>},
    row{"packages", text_of<paths_value>},
    row{"pattern", text_of<labels_value>},
    row{"places", text_of<places_value>},
    row{"probe", text_of<probe_value>},
    row{"salvage", text_of<build_value>},
    row{"script", text_of<data_value>},
    row{"target", text_of<target_value>},
    row{"test", text_of<test_value>},
    row{"tests", text_of<tests_value>},
    row{"toolchain", text_of<data_value>},
    row{"which", text_of<which_value>},
};

} // namespace

std::string value_text(std::string_view kind, std::string_view bytes) {
  for (auto& x : rows)
    if (x.kind == kind)
      if (auto text = x.text(bytes))
        return *text;
  constexpr std::size_t shown = 32;
  auto out = fmt::format("{} bytes:", bytes.size());
  for (auto c : bytes.substr(0, shown))
    out += fmt::format(" {:02x}", static_cast<unsigned char>(c));
  return out + (bytes.size() > shown ? " ...\n" : "\n");
}

} // namespace zako
