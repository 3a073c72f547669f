// The bodies that values and outcomes point to.
#include "engine/value.hpp"

namespace zako {

namespace detail {

body_ptr make_body(std::string bytes, const digest& output) {
  if (bytes.size() <= body::tiny_bytes) {
    body_ptr tiny{new body};
    tiny->output = output;
    tiny->size = static_cast<std::uint8_t>(bytes.size());
    std::memcpy(tiny->bytes.data(), bytes.data(), bytes.size());
    return tiny;
  }
  auto* large = new large_body;
  large->output = output;
  large->shape = body::form::large;
  large->text = std::move(bytes);
  return body_ptr{large};
}

void body_ptr::destroy(body* x) {
  switch (x->shape) {
  case body::form::tiny:
    delete x;
    return;
  case body::form::large:
    delete static_cast<large_body*>(x);
    return;
  case body::form::failure:
    delete static_cast<failure_body*>(x);
    return;
  }
}

} // namespace detail

digest output_digest(const outcome& x) {
  if (x)
    return x->output();
  // An error never has the digest of a value: value digests cover bytes without this prefix.
  std::string bytes = "zako error\n";
  encoder f{bytes};
  f.apply(x.error());
  return digest_of(bytes);
}

detail::body_ptr shared_outcome::take(outcome x) {
  if (x)
    return std::move(x->body_);
  auto* failed = new detail::failure_body;
  failed->shape = detail::body::form::failure;
  failed->output = output_digest(x);
  failed->why = std::move(x.error());
  return detail::body_ptr{failed};
}

outcome shared_outcome::get() const {
  if (!body_)
    return value{};
  if (!good())
    return tl::unexpected(why());
  return value{body_};
}

} // namespace zako
