// What a node computes: an immutable, shared value with its bytes and its output digest.
//
// A value is cheap to copy and safe to share between threads. It is created from a typed object
// (`value::of`), or from stored or received bytes, and read with `as<T>()`, which decodes at most
// once. T needs an `inspect`. The output digest covers the encoded bytes, unless T has a member
// `digest output_digest() const` that leaves volatile parts (time stamps) out: two values with one
// output digest are interchangeable for everybody above.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "engine/codec.hpp"
#include "engine/digest.hpp"
#include "engine/error.hpp"

namespace zako {

namespace detail {
/// One address per type: tells which T a value's decoded object is.
template <class T>
inline constexpr char type_tag = 0;
} // namespace detail

class value {
public:
  /// An empty value; only good for assigning to.
  value() = default;

  template <class T>
  static value of(T x) {
    auto body = std::make_shared<rep>();
    body->bytes = encode(x);
    if constexpr (requires { x.output_digest(); })
      body->output = x.output_digest();
    else
      body->output = digest_of(body->bytes);
    std::call_once(body->decoded, [&] {
      body->object = std::make_shared<const T>(std::move(x));
      body->tag = &detail::type_tag<T>;
    });
    return value{std::move(body)};
  }

  /// `output` must be the digest that `of` gave these bytes.
  static value from_bytes(std::string bytes, const digest& output) {
    auto body = std::make_shared<rep>();
    body->bytes = std::move(bytes);
    body->output = output;
    return value{std::move(body)};
  }

  /// errc::corrupt when the bytes are no T, errc::internal when the value was made or read as
  /// another type.
  template <class T>
  [[nodiscard]] result<std::shared_ptr<const T>> as() const {
    if (!body_)
      return fail(errc::internal, "an empty value was read");
    std::call_once(body_->decoded, [this] {
      if (auto x = decode<T>(body_->bytes)) {
        body_->object = std::make_shared<const T>(std::move(*x));
        body_->tag = &detail::type_tag<T>;
      }
    });
    if (!body_->tag)
      return fail(errc::corrupt, "a stored value cannot be decoded");
    if (body_->tag != &detail::type_tag<T>)
      return fail(errc::internal, "a value was read as another type");
    return std::static_pointer_cast<const T>(body_->object);
  }

  [[nodiscard]] explicit operator bool() const { return body_ != nullptr; }
  [[nodiscard]] const digest& output() const { return body_->output; }
  [[nodiscard]] const std::string& bytes() const { return body_->bytes; }

private:
  struct rep {
    std::string bytes;
    digest output;
    mutable std::once_flag decoded;
    mutable std::shared_ptr<const void> object;
    mutable const void* tag = nullptr;
  };
  explicit value(std::shared_ptr<rep> body) : body_(std::move(body)) {}

  std::shared_ptr<rep> body_;
};

/// What a computation ends in, and what a request is answered with.
using outcome = result<value>;

/// The output digest of either side; an error's digest covers its encoding.
digest output_digest(const outcome& x);

template <class Inspector>
bool inspect(Inspector& f, value& x) {
  auto get = [&x] {
    std::pair<std::string, digest> parts;
    if (x)
      parts = {x.bytes(), x.output()};
    return encode(parts);
  };
  auto set = [&x](std::string bytes) {
    auto parts = decode<std::pair<std::string, digest>>(bytes);
    if (!parts)
      return false;
    x = value::from_bytes(std::move(parts->first), parts->second);
    return true;
  };
  return f.apply(get, set);
}

} // namespace zako
