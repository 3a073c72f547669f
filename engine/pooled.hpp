// Values that name the same texts many times, to bytes and back: each text is written once.
//
// For lists of actions, whose paths are outputs here, inputs there, and arguments. Format: the
// texts in ascending order, as encode_texts writes them; then the value as codec.hpp encodes it,
// with a text's place in the list for each text. Equal values give equal bytes. Takes what has an
// `inspect`, texts, unsigned numbers, and vectors, maps and pairs of these.
#pragma once

#include <algorithm>
#include <concepts>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "engine/codec.hpp"

namespace zako {

namespace detail {

/// What the three passes share: `Derived` has text(), number() and length().
template <class Derived>
struct pooled_syntax : codec_syntax<Derived> {
  bool apply(std::string& x) { return self().text(x); }
  template <std::unsigned_integral T>
  bool apply(T& x) {
    return self().number(x);
  }
  template <class T>
  bool apply(std::vector<T>& xs) {
    auto size = xs.size();
    if (!self().length(size))
      return false;
    if constexpr (Derived::is_loading)
      xs.resize(size);
    return std::all_of(xs.begin(), xs.end(), [this](auto& x) { return self().apply(x); });
  }
  template <class V>
  bool apply(std::map<std::string, V>& xs) {
    auto size = xs.size();
    if (!self().length(size))
      return false;
    if constexpr (!Derived::is_loading) {
      return std::all_of(xs.begin(), xs.end(), [this](auto& x) {
        return self().text(const_cast<std::string&>(x.first)) && self().apply(x.second);
      });
    } else {
      for (; size > 0; --size) {
        std::pair<std::string, V> x;
        if (!apply(x) || (!xs.empty() && !(xs.rbegin()->first < x.first)))
          return false; // one encoding per value: keys ascend
        xs.insert(xs.end(), std::move(x));
      }
      return true;
    }
  }
  template <class A, class B>
  bool apply(std::pair<A, B>& x) {
    return self().apply(x.first) && self().apply(x.second);
  }
  template <class T>
  requires std::is_class_v<T>
  bool apply(T& x) { return inspect(self(), x); }

private:
  Derived& self() { return static_cast<Derived&>(*this); }
};

/// Finds the texts.
struct pool_collector : pooled_syntax<pool_collector> {
  static constexpr bool is_loading = false;
  std::vector<std::string_view> texts;

  bool text(std::string& x) {
    texts.push_back(x);
    return true;
  }
  bool number(std::uint64_t) { return true; }
  bool length(std::size_t) { return true; }
};

struct pool_writer : pooled_syntax<pool_writer> {
  static constexpr bool is_loading = false;
  const std::vector<std::string_view>& texts;
  encoder out;

  pool_writer(const std::vector<std::string_view>& t, std::string& bytes) : texts(t), out(bytes) {}

  bool text(std::string& x) {
    auto place = std::lower_bound(texts.begin(), texts.end(), std::string_view(x)) - texts.begin();
    return out.apply(static_cast<std::uint64_t>(place));
  }
  bool number(std::uint64_t x) { return out.apply(x); }
  bool length(std::size_t x) { return out.apply(x); }
};

struct pool_reader : pooled_syntax<pool_reader> {
  static constexpr bool is_loading = true;
  const std::vector<std::string>& texts;
  std::vector<bool> used;
  decoder& in;

  pool_reader(const std::vector<std::string>& t, decoder& bytes)
      : texts(t), used(t.size()), in(bytes) {}

  bool text(std::string& x) {
    std::uint64_t place = 0;
    if (!in.apply(place) || place >= texts.size())
      return false;
    x = texts[place];
    used[place] = true;
    return true;
  }
  template <class T>
  bool number(T& x) {
    return in.apply(x);
  }
  bool length(std::size_t& x) { return in.apply_length(x); }
};

} // namespace detail

/// A list of texts, each as the length of what it shares with the text before it, and the rest.
std::string encode_texts(const std::vector<std::string_view>& texts);
/// Nothing when `in` does not go on with such a list.
std::optional<std::vector<std::string>> decode_texts(decoder& in);

template <class T>
std::string encode_pooled(const T& x) {
  auto& value = const_cast<T&>(x); // inspect() takes T& because it also loads
  detail::pool_collector found;
  found.apply(value);
  auto& texts = found.texts;
  std::sort(texts.begin(), texts.end());
  texts.erase(std::unique(texts.begin(), texts.end()), texts.end());
  auto bytes = encode_texts(texts);
  detail::pool_writer{texts, bytes}.apply(value);
  return bytes;
}

/// Nothing when the bytes are no such encoding.
template <class T>
std::optional<T> decode_pooled(std::string_view bytes) {
  decoder in{bytes};
  auto texts = decode_texts(in);
  if (!texts)
    return std::nullopt;
  T value{};
  detail::pool_reader reader{*texts, in};
  // One encoding per value: the texts ascend, and each is used.
  if (!reader.apply(value) || !in.at_end() ||
      std::adjacent_find(texts->begin(), texts->end(), std::greater_equal<>()) != texts->end() ||
      std::find(reader.used.begin(), reader.used.end(), false) != reader.used.end())
    return std::nullopt;
  return value;
}

} // namespace zako
