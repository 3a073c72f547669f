// Plain data: what scripts give and take. The C++ side of the structured clone rules.
//
// null and undefined are both `null`; numbers are doubles; objects keep their insertion order, as
// JavaScript does.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "engine/error.hpp"

namespace zako {

class data {
public:
  using array = std::vector<data>;
  using member = std::pair<std::string, data>;
  using object = std::vector<member>;

  data() = default;
  data(std::nullptr_t) {}
  data(bool x) : rep_(x) {}
  data(double x) : rep_(x) {}
  data(int x) : rep_(static_cast<double>(x)) {}
  data(std::string x) : rep_(std::move(x)) {}
  data(std::string_view x) : rep_(std::string(x)) {}
  data(const char* x) : rep_(std::string(x)) {}
  data(array x) : rep_(std::move(x)) {}
  data(object x) : rep_(std::move(x)) {}
  static data strings(const std::vector<std::string>& xs);

  [[nodiscard]] bool is_null() const { return std::holds_alternative<std::monostate>(rep_); }
  [[nodiscard]] const bool* as_bool() const { return std::get_if<bool>(&rep_); }
  [[nodiscard]] const double* as_number() const { return std::get_if<double>(&rep_); }
  [[nodiscard]] const std::string* as_string() const { return std::get_if<std::string>(&rep_); }
  [[nodiscard]] const array* as_array() const { return std::get_if<array>(&rep_); }
  [[nodiscard]] const object* as_object() const { return std::get_if<object>(&rep_); }
  [[nodiscard]] array* as_array() { return std::get_if<array>(&rep_); }
  [[nodiscard]] object* as_object() { return std::get_if<object>(&rep_); }

  /// The member of an object, or a null for anything that has no such member.
  const data& operator[](std::string_view name) const;
  /// Adds or replaces a member; a null becomes an object first.
  void set(std::string name, data x);

  /// The name of the JavaScript type, for messages: "null", "boolean", "number", "string", "array",
  /// "object".
  [[nodiscard]] std::string_view type_name() const;

  bool operator==(const data&) const = default;

  /// JSON text; `indent` < 0 gives one line.
  [[nodiscard]] std::string to_json(int indent = -1) const;

  /// The canonical bytes, and back. Nesting is bounded by 200 levels; deeper or malformed bytes are
  /// refused.
  void append_bytes(std::string& out) const;
  static bool from_bytes(std::string_view bytes, data& out);

private:
  std::variant<std::monostate, bool, double, std::string, array, object> rep_;
};

/// Readers that name the path of what is wrong: `want_string(x["name"], "targets[3].name")`.
result<std::string> want_string(const data& x, std::string_view path);
result<std::vector<std::string>> want_strings(const data& x,
                                              std::string_view path); // null gives an empty list

template <class Inspector>
bool inspect(Inspector& f, data& x) {
  auto get = [&x] {
    std::string bytes;
    x.append_bytes(bytes);
    return bytes;
  };
  auto set = [&x](std::string bytes) { return data::from_bytes(bytes, x); };
  return f.apply(get, set);
}

} // namespace zako
