// BLAKE3 behind the hasher, and digests as hexadecimal text.
#include "engine/digest.hpp"

#include <blake3.h>

namespace zako {

std::string digest::hex() const {
  static constexpr char digits[] = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (auto b : bytes) {
    out.push_back(digits[b >> 4]);
    out.push_back(digits[b & 15]);
  }
  return out;
}

std::optional<digest> digest::from_hex(std::string_view text) {
  digest out;
  if (text.size() != out.bytes.size() * 2)
    return std::nullopt;
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto c = text[i];
    int x = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
    if (x < 0)
      return std::nullopt;
    auto& byte = out.bytes[i / 2];
    byte = static_cast<std::uint8_t>(byte << 4 | x);
  }
  return out;
}

struct hasher::state {
  blake3_hasher inner;
};

hasher::hasher() : state_(std::make_unique<state>()) {
  blake3_hasher_init(&state_->inner);
}

hasher::~hasher() = default;

hasher& hasher::update(std::string_view bytes) {
  blake3_hasher_update(&state_->inner, bytes.data(), bytes.size());
  return *this;
}

hasher& hasher::update(const digest& d) {
  blake3_hasher_update(&state_->inner, d.bytes.data(), d.bytes.size());
  return *this;
}

digest hasher::finish() const {
  digest out;
  blake3_hasher_finalize(&state_->inner, out.bytes.data(), out.bytes.size());
  return out;
}

digest digest_of(std::string_view bytes) {
  digest out;
  blake3_hasher inner;
  blake3_hasher_init(&inner);
  blake3_hasher_update(&inner, bytes.data(), bytes.size());
  blake3_hasher_finalize(&inner, out.bytes.data(), out.bytes.size());
  return out;
}

} // namespace zako
