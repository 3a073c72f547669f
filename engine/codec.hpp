// Values to bytes and back, through the types' own `inspect` functions.
//
// Format: integers are LEB128 (signed ones zigzag), bool one byte, double eight bytes
// little-endian, strings and lists a LEB128 length and their elements, optionals a byte 0/1 and the
// value, variants a byte for the index and the value, expected values a byte 1 and the value or 0
// and the error, objects their fields in order with no names. The format is canonical: equal values
// give equal bytes. It carries no version; whoever stores bytes stores one beside.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <tl/expected.hpp>

#include "engine/inspect.hpp"

namespace zako {

namespace detail {

template <class T>
struct codec_field {
  T* ref;
  template <class Codec>
  bool run(Codec& f) {
    return f.apply(*ref);
  }
};

template <class Get, class Set>
struct codec_virtual_field {
  Get get;
  Set set;
  template <class Codec>
  bool run(Codec& f) {
    return f.apply(get, set);
  }
};

/// What both directions share: the object/field syntax of CAF's inspectors.
template <class Derived>
struct codec_syntax {
  struct object_scope {
    Derived* self;
    template <class... Fields>
    bool fields(Fields... fs) {
      return (fs.run(*self) && ...);
    }
  };
  template <class T>
  object_scope object(T&) {
    return {static_cast<Derived*>(this)};
  }
  template <class T>
  codec_field<T> field(std::string_view, T& x) {
    return {&x};
  }
  template <class Get, class Set>
  codec_virtual_field<Get, Set> field(std::string_view, Get get, Set set) {
    return {std::move(get), std::move(set)};
  }
};

template <class T>
struct is_std_array : std::false_type {};
template <class T, std::size_t N>
struct is_std_array<std::array<T, N>> : std::true_type {};

} // namespace detail

/// Appends the encoding of what it inspects to a string.
class encoder : public detail::codec_syntax<encoder> {
public:
  static constexpr bool is_loading = false;

  explicit encoder(std::string& out) : out_(out) {}

  template <class T>
  requires std::integral<T>
  bool apply(const T& x) {
    if constexpr (std::same_as<T, bool> || sizeof(T) == 1)
      out_.push_back(static_cast<char>(x));
    else if constexpr (std::signed_integral<T>)
      put_unsigned((static_cast<std::uint64_t>(x) << 1) ^
                   static_cast<std::uint64_t>(static_cast<std::int64_t>(x) >> 63));
    else
      put_unsigned(x);
    return true;
  }
  bool apply(const double& x) {
    auto bits = std::bit_cast<std::uint64_t>(x);
    for (int i = 0; i < 8; ++i)
      out_.push_back(static_cast<char>(bits >> (8 * i)));
    return true;
  }
  bool apply(const std::string& x) {
    put_unsigned(x.size());
    out_.append(x);
    return true;
  }
  template <class T>
  bool apply(const std::vector<T>& xs) {
    put_unsigned(xs.size());
    for (auto& x : xs)
      if (!apply(x))
        return false;
    return true;
  }
  template <std::size_t N>
  bool apply(const std::array<std::uint8_t, N>& bytes) {
    out_.append(reinterpret_cast<const char*>(bytes.data()), N);
    return true;
  }
  template <class T, std::size_t N>
  bool apply(const std::array<T, N>& xs) {
    for (auto& x : xs)
      if (!apply(x))
        return false;
    return true;
  }
  template <class K, class V>
  bool apply(const std::map<K, V>& xs) {
    put_unsigned(xs.size());
    for (auto& [k, v] : xs)
      if (!apply(k) || !apply(v))
        return false;
    return true;
  }
  template <class T>
  bool apply(const std::set<T>& xs) {
    put_unsigned(xs.size());
    for (auto& x : xs)
      if (!apply(x))
        return false;
    return true;
  }
  template <class A, class B>
  bool apply(const std::pair<A, B>& x) {
    return apply(x.first) && apply(x.second);
  }
  template <class T>
  bool apply(const std::optional<T>& x) {
    out_.push_back(x ? 1 : 0);
    return !x || apply(*x);
  }
  template <class T, class E>
  bool apply(const tl::expected<T, E>& x) {
    out_.push_back(x ? 1 : 0);
    return x ? apply(*x) : apply(x.error());
  }
  template <class... Ts>
  bool apply(const std::variant<Ts...>& x) {
    out_.push_back(static_cast<char>(x.index()));
    return std::visit([this](const auto& y) { return this->apply(y); }, x);
  }
  template <class T>
  requires(std::is_class_v<T> || std::is_enum_v<T>) bool apply(const T& x) {
    // inspect() takes T& because it also loads; saving never writes through it.
    return inspect(*this, const_cast<T&>(x));
  }
  template <class Get, class Set>
  bool apply(Get&& get, Set&&) {
    return apply(get());
  }

private:
  void put_unsigned(std::uint64_t x) {
    while (x >= 0x80) {
      out_.push_back(static_cast<char>(x | 0x80));
      x >>= 7;
    }
    out_.push_back(static_cast<char>(x));
  }

  std::string& out_;
};

/// Reads what `encoder` wrote. Every `apply` returns false on bytes that cannot be such an
/// encoding; the object is then in an unspecified but valid state. Never reads outside the input,
/// never allocates more than the input's size can justify.
class decoder : public detail::codec_syntax<decoder> {
public:
  static constexpr bool is_loading = true;

  explicit decoder(std::string_view in) : in_(in) {}

  [[nodiscard]] bool at_end() const { return in_.empty(); }
  /// What has not been read.
  [[nodiscard]] std::string_view rest() const { return in_; }

  template <class T>
  requires std::integral<T>
  bool apply(T& x) {
    if constexpr (std::same_as<T, bool> || sizeof(T) == 1) {
      if (in_.empty())
        return false;
      if (std::same_as<T, bool> && static_cast<unsigned char>(in_[0]) > 1)
        return false;
      x = static_cast<T>(in_[0]);
      in_.remove_prefix(1);
      return true;
    } else {
      std::uint64_t n = 0;
      if (!get_unsigned(n))
        return false;
      if constexpr (std::signed_integral<T>) {
        auto s = static_cast<std::int64_t>((n >> 1) ^ (~(n & 1) + 1));
        x = static_cast<T>(s);
        return static_cast<std::int64_t>(x) == s;
      } else {
        x = static_cast<T>(n);
        return static_cast<std::uint64_t>(x) == n;
      }
    }
  }
  bool apply(double& x) {
    if (in_.size() < 8)
      return false;
    std::uint64_t bits = 0;
    for (int i = 0; i < 8; ++i)
      bits |=
          static_cast<std::uint64_t>(static_cast<unsigned char>(in_[static_cast<std::size_t>(i)]))
          << (8 * i);
    x = std::bit_cast<double>(bits);
    in_.remove_prefix(8);
    return true;
  }
  bool apply(std::string& x) {
    std::size_t n = 0;
    if (!get_size(n))
      return false;
    x.assign(in_.substr(0, n));
    in_.remove_prefix(n);
    return true;
  }
  /// The bytes stay where they are: valid as long as the input.
  bool apply(std::string_view& x) {
    std::size_t n = 0;
    if (!get_size(n))
      return false;
    x = in_.substr(0, n);
    in_.remove_prefix(n);
    return true;
  }
  /// The length of a list whose elements the caller reads.
  bool apply_length(std::size_t& n) { return get_size(n); }
  template <class T>
  bool apply(std::vector<T>& xs) {
    std::size_t n = 0;
    if (!get_size(n))
      return false;
    xs.clear();
    xs.reserve(std::min(n, most_reserved));
    for (std::size_t i = 0; i < n; ++i)
      if (T x{}; apply(x))
        xs.push_back(std::move(x));
      else
        return false;
    return true;
  }
  template <std::size_t N>
  bool apply(std::array<std::uint8_t, N>& bytes) {
    if (in_.size() < N)
      return false;
    std::memcpy(bytes.data(), in_.data(), N);
    in_.remove_prefix(N);
    return true;
  }
  template <class T, std::size_t N>
  bool apply(std::array<T, N>& xs) {
    for (auto& x : xs)
      if (!apply(x))
        return false;
    return true;
  }
  template <class K, class V>
  bool apply(std::map<K, V>& xs) {
    std::size_t n = 0;
    if (!get_size(n))
      return false;
    xs.clear();
    for (std::size_t i = 0; i < n; ++i) {
      std::pair<K, V> x{};
      if (!apply(x.first) || !apply(x.second))
        return false;
      if (!xs.empty() && !(xs.rbegin()->first < x.first))
        return false; // one encoding per value: keys ascend
      xs.insert(xs.end(), std::move(x));
    }
    return true;
  }
  template <class T>
  bool apply(std::set<T>& xs) {
    std::size_t n = 0;
    if (!get_size(n))
      return false;
    xs.clear();
    for (std::size_t i = 0; i < n; ++i) {
      T x{};
      if (!apply(x) || (!xs.empty() && !(*xs.rbegin() < x)))
        return false;
      xs.insert(xs.end(), std::move(x));
    }
    return true;
  }
  template <class A, class B>
  bool apply(std::pair<A, B>& x) {
    return apply(x.first) && apply(x.second);
  }
  template <class T>
  bool apply(std::optional<T>& x) {
    bool present = false;
    if (!apply(present))
      return false;
    if (!present) {
      x.reset();
      return true;
    }
    return apply(x.emplace());
  }
  template <class T, class E>
  bool apply(tl::expected<T, E>& x) {
    bool good = false;
    if (!apply(good))
      return false;
    if (good) {
      x = T{};
      return apply(*x);
    }
    x = tl::unexpected(E{});
    return apply(x.error());
  }
  template <class... Ts>
  bool apply(std::variant<Ts...>& x) {
    std::uint8_t index = 0;
    if (!apply(index))
      return false;
    std::uint8_t i = 0;
    return ((i++ == index && apply(x.template emplace<Ts>())) || ...);
  }
  template <class T>
  requires(std::is_class_v<T> || std::is_enum_v<T>) bool apply(T& x) {
    if (depth_ == max_depth)
      return false;
    ++depth_;
    bool ok = inspect(*this, x);
    --depth_;
    return ok;
  }
  template <class Get, class Set>
  bool apply(Get&& get, Set&& set) {
    std::remove_cvref_t<decltype(get())> x{};
    return apply(x) && set(std::move(x));
  }

private:
  static constexpr std::size_t most_reserved =
      64; // elements: a damaged length must not ask for more than a little
  static constexpr int max_depth =
      256; // nesting of objects: errors and data trees are far shallower

  bool get_unsigned(std::uint64_t& x) {
    x = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (in_.empty())
        return false;
      auto byte = static_cast<unsigned char>(in_[0]);
      in_.remove_prefix(1);
      if (shift == 63 && byte > 1)
        return false;
      x |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80)
        return shift == 0 || byte != 0; // one encoding per value
    }
    return false;
  }
  /// A length: every element takes at least one byte, so it can never pass what is left.
  bool get_size(std::size_t& n) {
    std::uint64_t x = 0;
    if (!get_unsigned(x) || x > in_.size())
      return false;
    n = static_cast<std::size_t>(x);
    return true;
  }

  std::string_view in_;
  int depth_ = 0;
};

template <class T>
std::string encode(const T& x) {
  std::string out;
  encoder f{out};
  f.apply(x);
  return out;
}

/// Nothing when the bytes are not exactly one encoded T.
template <class T>
std::optional<T> decode(std::string_view bytes) {
  T x{};
  decoder f{bytes};
  if (f.apply(x) && f.at_end())
    return x;
  return std::nullopt;
}

/// A field for inspectors that do not know the member's type (CAF's know no variants and no
/// expected values): it travels as one string of this codec. The name is a literal: that is all
/// that CAF's inspectors take under every compiler.
template <class Inspector, std::size_t N, class T>
auto packed_field(Inspector& f, const char (&name)[N], T& member) {
  return f.field(
      name, [&member] { return encode(member); },
      [&member](std::string bytes) {
        auto x = decode<T>(bytes);
        if (x)
          member = std::move(*x);
        return x.has_value();
      });
}

} // namespace zako
