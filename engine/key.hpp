// Keys name graph nodes: a kind and a payload, written as one text, "file:src/lua.c".
#pragma once

#include <compare>
#include <functional>
#include <string>
#include <string_view>

namespace zako {

class key {
public:
  key() = default;
  /// `kind` is a row of the kind table: lower-case letters and '-', no ':'. The payload is the
  /// kind's own text.
  key(std::string_view kind, std::string_view payload)
      : text_(std::string(kind) + ':' + std::string(payload)), kind_length_(kind.size()) {}
  /// From text(): the kind is what stands before the first ':'.
  static key from_text(std::string text) {
    key k;
    auto colon = text.find(':');
    k.kind_length_ = colon == std::string::npos ? text.size() : colon;
    k.text_ = std::move(text);
    return k;
  }

  [[nodiscard]] std::string_view kind() const {
    return std::string_view(text_).substr(0, kind_length_);
  }
  [[nodiscard]] std::string_view payload() const {
    return kind_length_ < text_.size() ? std::string_view(text_).substr(kind_length_ + 1)
                                       : std::string_view();
  }
  [[nodiscard]] const std::string& text() const { return text_; }

  bool operator==(const key& other) const { return text_ == other.text_; }
  auto operator<=>(const key& other) const { return text_ <=> other.text_; }

private:
  std::string text_;
  std::size_t kind_length_ = 0;
};

template <class Inspector>
bool inspect(Inspector& f, key& x) {
  auto get = [&x] { return x.text(); };
  auto set = [&x](std::string text) {
    x = key::from_text(std::move(text));
    return true;
  };
  return f.apply(get, set);
}

} // namespace zako

template <>
struct std::hash<zako::key> {
  std::size_t operator()(const zako::key& k) const noexcept {
    return std::hash<std::string>{}(k.text());
  }
};
