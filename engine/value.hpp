// What a node computes: an immutable, shared value with its bytes and its output digest.
//
// A value is one pointer: cheap to copy, safe to share between threads. It is created from a typed
// object (`value::of`), or from stored or received bytes, and read with `as<T>()`. T needs an
// `inspect`. A large value is decoded at most once and keeps the object; a tiny one is decoded
// again by each reader, so that a graph of a million numbers stays small. The output digest covers
// the encoded bytes, unless T has a member `digest output_digest() const` that leaves volatile
// parts (time stamps) out: two values with one output digest are interchangeable for everybody
// above.
#pragma once

#include <array>
#include <atomic>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "engine/codec.hpp"
#include "engine/digest.hpp"
#include "engine/error.hpp"

namespace zako {

namespace detail {

/// One address per type, for telling which T a value was made of or read as.
template <class T>
inline constexpr char type_mark = 0;

/// Part of the address: a program's own constants lie within four GiB.
template <class T>
std::uint32_t type_tag() {
  return static_cast<std::uint32_t>(reinterpret_cast<std::uintptr_t>(&type_mark<T>));
}

/// What a value or a kept failure points to; which of the three it is stands in `shape`.
struct body {
  enum class form : std::uint8_t { tiny, large, failure };
  static constexpr std::size_t tiny_bytes = 14;

  std::atomic<std::uint32_t> owners{1};
  std::atomic<std::uint32_t> tag{0}; // type_tag of the object; 0: nobody has said yet
  digest output;
  form shape = form::tiny;
  std::uint8_t size = 0; // of a tiny value
  std::array<char, tiny_bytes> bytes{};
};

struct large_body : body {
  std::string text;
  /// The decoded object, once there is one; owned.
  std::atomic<std::shared_ptr<const void>*> object{nullptr};

  ~large_body() { delete object.load(std::memory_order_acquire); }
};

struct failure_body : body {
  error why;
};

/// One reference to a body.
class body_ptr {
public:
  body_ptr() = default;
  explicit body_ptr(body* x) : body_(x) {} // takes over a reference
  body_ptr(const body_ptr& other) : body_(other.body_) {
    if (body_)
      body_->owners.fetch_add(1, std::memory_order_relaxed);
  }
  body_ptr(body_ptr&& other) noexcept : body_(std::exchange(other.body_, nullptr)) {}
  body_ptr& operator=(body_ptr other) noexcept {
    std::swap(body_, other.body_);
    return *this;
  }
  ~body_ptr() {
    if (body_ && body_->owners.fetch_sub(1, std::memory_order_acq_rel) == 1)
      destroy(body_);
  }

  explicit operator bool() const { return body_ != nullptr; }
  body* operator->() const { return body_; }
  body* get() const { return body_; }

private:
  static void destroy(body* x);
  body* body_ = nullptr;
};

body_ptr make_body(std::string bytes, const digest& output);

} // namespace detail

class value {
public:
  /// An empty value; only good for assigning to.
  value() = default;

  template <class T>
  static value of(T x) {
    auto bytes = encode(x);
    digest output;
    if constexpr (requires { x.output_digest(); })
      output = x.output_digest();
    else
      output = digest_of(bytes);
    value out{detail::make_body(std::move(bytes), output)};
    out.body_->tag.store(detail::type_tag<T>(), std::memory_order_relaxed);
    if (out.body_->shape == detail::body::form::large)
      out.keep(std::make_shared<const T>(std::move(x)));
    return out;
  }

  /// `output` must be the digest that `of` gave these bytes.
  static value from_bytes(std::string_view bytes, const digest& output) {
    return value{detail::make_body(std::string(bytes), output)};
  }

  /// errc::corrupt when the bytes are no T, errc::internal when the value was made or read as
  /// another type.
  template <class T>
  [[nodiscard]] result<std::shared_ptr<const T>> as() const {
    if (!body_)
      return fail(errc::internal, "an empty value was read");
    auto known = body_->tag.load(std::memory_order_acquire);
    if (known != 0 && known != detail::type_tag<T>())
      return fail(errc::internal, "a value was read as another type");
    bool large = body_->shape == detail::body::form::large;
    if (large)
      if (auto* kept = large_body()->object.load(std::memory_order_acquire))
        return std::static_pointer_cast<const T>(*kept);
    auto x = decode<T>(bytes());
    if (!x)
      return fail(errc::corrupt, "a stored value cannot be decoded");
    body_->tag.store(detail::type_tag<T>(), std::memory_order_release);
    auto object = std::make_shared<const T>(std::move(*x));
    if (large)
      return std::static_pointer_cast<const T>(keep(std::move(object)));
    return object;
  }

  [[nodiscard]] explicit operator bool() const { return static_cast<bool>(body_); }
  [[nodiscard]] const digest& output() const { return body_->output; }
  /// Valid as long as the value.
  [[nodiscard]] std::string_view bytes() const {
    if (body_->shape == detail::body::form::large)
      return large_body()->text;
    return {body_->bytes.data(), body_->size};
  }

private:
  friend class shared_outcome;
  explicit value(detail::body_ptr body) : body_(std::move(body)) {}
  [[nodiscard]] detail::large_body* large_body() const {
    return static_cast<detail::large_body*>(body_.get());
  }
  /// Keeps the decoded object of a large value, unless another thread was faster; gives the kept
  /// one.
  std::shared_ptr<const void> keep(std::shared_ptr<const void> object) const {
    auto mine = std::make_unique<std::shared_ptr<const void>>(std::move(object));
    std::shared_ptr<const void>* kept = nullptr;
    if (large_body()->object.compare_exchange_strong(kept, mine.get(), std::memory_order_acq_rel))
      kept = mine.release();
    return *kept;
  }

  detail::body_ptr body_;
};

/// What a computation ends in, and what a request is answered with.
using outcome = result<value>;

/// The output digest of either side; an error's digest covers its encoding.
digest output_digest(const outcome& x);

/// An outcome as one pointer, shared and immutable: what nodes keep, and what answers carry.
class shared_outcome {
public:
  /// Nothing; `good` and `output` must not be asked.
  shared_outcome() = default;
  /// From an outcome, a value or a `fail(…)`; an empty value gives nothing.
  template <class T>
  requires(std::convertible_to<T, outcome> && !std::same_as<std::remove_cvref_t<T>, shared_outcome>)
      shared_outcome(T&& x)
      : body_(take(std::forward<T>(x))) {}

  [[nodiscard]] explicit operator bool() const { return static_cast<bool>(body_); }
  /// It is a value.
  [[nodiscard]] bool good() const { return body_->shape != detail::body::form::failure; }
  [[nodiscard]] const digest& output() const { return body_->output; }
  /// Only when it is not `good`.
  [[nodiscard]] const error& why() const {
    return static_cast<detail::failure_body*>(body_.get())->why;
  }
  /// As an outcome; nothing gives an empty value.
  [[nodiscard]] outcome get() const;

private:
  static detail::body_ptr take(outcome x);
  detail::body_ptr body_;
};

template <class Inspector>
bool inspect(Inspector& f, value& x) {
  auto get = [&x] {
    std::pair<std::string, digest> parts;
    if (x)
      parts = {std::string(x.bytes()), x.output()};
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

template <class Inspector>
bool inspect(Inspector& f, shared_outcome& x) {
  auto get = [&x] {
    std::optional<outcome> some;
    if (x)
      some = x.get();
    return encode(some);
  };
  auto set = [&x](std::string bytes) {
    auto some = decode<std::optional<outcome>>(bytes);
    if (some)
      x = *some ? shared_outcome(std::move(**some)) : shared_outcome();
    return some.has_value();
  };
  return f.apply(get, set);
}

} // namespace zako
