// Folds the constant expressions of enums.
#include "scripting/transpile/constants.hpp"

#include <charconv>
#include <cmath>
#include <optional>

#include "scripting/transpile/text.hpp"

namespace zako::transpile {

namespace {
constexpr std::size_t max_constant_text = 1U << 16; // UTF-16 units: longer ones grow without bound
} // namespace

std::string number_text(double x) {
  if (std::isnan(x))
    return "NaN";
  if (std::isinf(x))
    return x < 0 ? "-Infinity" : "Infinity";
  if (x == 0)
    return "0";
  char buffer[32];
  auto end =
      std::to_chars(buffer, buffer + sizeof buffer, std::abs(x), std::chars_format::scientific).ptr;
  std::string_view text{buffer, static_cast<std::size_t>(end - buffer)};
  auto e = text.find('e');
  int exponent = 0;
  auto from = text.data() + e + (text[e + 1] == '+' ? 2 : 1);
  std::from_chars(from, end, exponent);
  std::string digits{text.substr(0, 1)};
  if (e > 1)
    digits += text.substr(2, e - 2);
  auto count = static_cast<int>(digits.size());
  auto point = exponent + 1; // the decimal point stands behind that many digits
  std::string out = x < 0 ? "-" : "";
  if (count <= point && point <= 21) {
    out += digits + std::string(static_cast<std::size_t>(point - count), '0');
  } else if (0 < point && point <= 21) {
    out += digits.substr(0, static_cast<std::size_t>(point)) + "." +
           digits.substr(static_cast<std::size_t>(point));
  } else if (-6 < point && point <= 0) {
    out += "0." + std::string(static_cast<std::size_t>(-point), '0') + digits;
  } else {
    out += digits.substr(0, 1);
    if (count > 1)
      out += "." + digits.substr(1);
    out += exponent < 0 ? "e-" : "e+";
    out += std::to_string(std::abs(exponent));
  }
  return out;
}

std::string literal_text(const constant& x) {
  if (auto s = x.string())
    return quote(*s);
  if (auto n = x.number())
    return number_text(*n); // -0 as 0, as TypeScript prints it
  return "void 0";
}

namespace {

std::int32_t to_int32(double x) {
  if (!std::isfinite(x))
    return 0;
  auto m = std::fmod(std::trunc(x), 4294967296.0);
  return static_cast<std::int32_t>(static_cast<std::uint32_t>(static_cast<std::int64_t>(m)));
}

std::optional<double> parse_number(std::string_view text) {
  std::string digits;
  for (char c : text)
    if (c != '_')
      digits += c;
  if (digits.empty() || digits.back() == 'n')
    return std::nullopt;
  int base = 10;
  if (digits.size() > 1 && digits[0] == '0') {
    char c = static_cast<char>(digits[1] | 0x20);
    base = c == 'x' ? 16 : c == 'o' ? 8 : c == 'b' ? 2 : 10;
    if (base == 10 && is_digit(digits[1])) // octal as of old is an error in modules
      return std::nullopt;
  }
  if (base == 10) {
    double x = 0;
    auto start = digits[0] == '.' ? "0" + digits : digits;
    auto [end, failed] = std::from_chars(start.data(), start.data() + start.size(), x);
    if (failed == std::errc::result_out_of_range)
      return start.find("e-") == std::string::npos && start.find("E-") == std::string::npos
                 ? HUGE_VAL
                 : 0.0;
    return failed == std::errc{} && end == start.data() + start.size() ? std::optional{x}
                                                                       : std::nullopt;
  }
  std::uint64_t n = 0;
  auto end = digits.data() + digits.size();
  auto parsed = std::from_chars(digits.data() + 2, end, n, base);
  if (parsed.ec != std::errc{} || parsed.ptr != end || n > (1ULL << 53))
    return std::nullopt;
  return static_cast<double>(n);
}

std::optional<double> apply_numbers(std::string_view op, double a, double b) {
  if (op == "+")
    return a + b;
  if (op == "-")
    return a - b;
  if (op == "*")
    return a * b;
  if (op == "/")
    return a / b;
  if (op == "%")
    return std::fmod(a, b);
  if (op == "**")
    return (std::abs(a) == 1 && std::isinf(b)) || std::isnan(b) ? NAN : std::pow(a, b);
  auto shift = static_cast<std::uint32_t>(to_int32(b)) & 31U;
  if (op == "|")
    return to_int32(a) | to_int32(b);
  if (op == "&")
    return to_int32(a) & to_int32(b);
  if (op == "^")
    return to_int32(a) ^ to_int32(b);
  if (op == "<<")
    return static_cast<std::int32_t>(static_cast<std::uint32_t>(to_int32(a)) << shift);
  if (op == ">>")
    return to_int32(a) >> shift;
  if (op == ">>>")
    return static_cast<std::uint32_t>(to_int32(a)) >> shift;
  return std::nullopt;
}

std::u16string widen(const std::string& ascii) {
  return {ascii.begin(), ascii.end()};
}

std::optional<std::u16string> as_text(const constant& x) {
  if (auto s = x.string())
    return *s;
  if (auto n = x.number())
    return widen(number_text(*n));
  return std::nullopt;
}

constant make_string(std::string_view body) {
  constant x;
  std::u16string text;
  x.string_like = true;
  if (unescape(body, text))
    x.value = std::move(text);
  return x;
}

constant unary(const syntax_tree& tree, node_id id, const constant_lookup& lookup, int depth) {
  constant x;
  auto op = tree.text(tree.child(id, field::operator_token));
  auto operand =
      tree.first_child(id) == no_node ? no_node : tree.next_sibling(tree.first_child(id));
  if (operand == no_node || (op != "-" && op != "+" && op != "~"))
    return x;
  auto inner = evaluate(tree, operand, lookup, depth + 1);
  if (auto n = inner.number())
    x.value = op == "-" ? -*n : op == "+" ? *n : static_cast<double>(~to_int32(*n));
  return x;
}

constant binary(const syntax_tree& tree, node_id id, const constant_lookup& lookup, int depth) {
  auto left = evaluate(tree, tree.child(id, field::left), lookup, depth + 1);
  auto right = evaluate(tree, tree.child(id, field::right), lookup, depth + 1);
  auto op = tree.text(tree.child(id, field::operator_token));
  constant x;
  x.string_like = op == "+" && (left.string_like || right.string_like);
  auto a = left.number();
  auto b = right.number();
  if (a && b) {
    if (auto n = apply_numbers(op, *a, *b))
      x.value = *n;
  } else if (op == "+" && left.known() && right.known()) {
    auto text = *as_text(left) + *as_text(right);
    if (text.size() <= max_constant_text)
      x.value = std::move(text);
    else // it is left to be computed, and is known to be a string
      x.string_like = true;
  }
  return x;
}

constant template_text(const syntax_tree& tree, node_id id, const constant_lookup& lookup,
                       int depth) {
  constant x;
  x.string_like = true;
  std::u16string all;
  auto at = tree[id].begin + 1;
  auto take_literal = [&](std::uint32_t end) {
    auto body = std::string{tree.source().substr(at, end - at)};
    for (auto cr = body.find('\r'); cr != std::string::npos;
         cr = body.find('\r', cr)) // templates see only LF
      body.replace(cr, body.compare(cr, 2, "\r\n") == 0 ? 2 : 1, "\n");
    return unescape(body, all);
  };
  for (auto part : tree.children(id)) {
    if (tree[part].what != kind::template_substitution)
      continue;
    if (!take_literal(tree[part].begin))
      return x;
    auto open = tree.first_child(part);
    auto expression = tree.next_sibling(open);
    auto value = as_text(evaluate(tree, expression, lookup, depth + 1));
    if (!value)
      return x;
    all += *value;
    at = tree[part].end;
  }
  if (take_literal(tree[id].end - 1))
    x.value = std::move(all);
  return x;
}

} // namespace

constant evaluate(const syntax_tree& tree, node_id id, const constant_lookup& lookup, int depth) {
  constant x;
  if (depth > max_constant_depth || id == no_node)
    return x;
  switch (tree[id].what) {
  case kind::number:
    if (auto n = parse_number(tree.text(id)))
      x.value = *n;
    return x;
  case kind::string: {
    auto text = tree.text(id);
    return make_string(text.substr(1, text.size() - 2));
  }
  case kind::template_string:
    return template_text(tree, id, lookup, depth);
  case kind::parenthesized_expression:
    return evaluate(tree, tree.next_sibling(tree.first_child(id)), lookup, depth + 1);
  case kind::unary_expression:
    return unary(tree, id, lookup, depth);
  case kind::binary_expression:
    return binary(tree, id, lookup, depth);
  case kind::identifier:
  case kind::member_expression:
  case kind::subscript_expression:
    return lookup(id);
  default:
    return x;
  }
}

} // namespace zako::transpile
