// A blob as a value: its bytes themselves when they are few, else where they are. Nothing is opened
// before somebody reads.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <variant>

#include "engine/codec.hpp"
#include "storage/content_store.hpp"

namespace zako {

/// Immutable; copies share nothing but bytes. May be sent and stored (`inspect`).
class blob_handle {
public:
  /// Of no bytes.
  blob_handle() = default;
  static blob_handle inlined(std::string bytes) {
    blob_handle out;
    out.what_ = std::move(bytes);
    return out;
  }
  static blob_handle referenced(const content_store::blob& blob) {
    blob_handle out;
    out.what_ = std::pair{blob.content, blob.size};
    return out;
  }

  [[nodiscard]] bool is_inlined() const { return what_.index() == 0; }
  [[nodiscard]] std::uint64_t size() const {
    auto* bytes = std::get_if<std::string>(&what_);
    return bytes ? bytes->size() : std::get<1>(what_).second;
  }
  /// Hashes inlined bytes.
  [[nodiscard]] digest content() const {
    auto* bytes = std::get_if<std::string>(&what_);
    return bytes ? digest_of(*bytes) : std::get<1>(what_).first;
  }
  /// Errors as content_store::open_blob; none for inlined bytes.
  [[nodiscard]] result<blob_reader> open(const content_store& store) const {
    auto* bytes = std::get_if<std::string>(&what_);
    return bytes ? blob_reader{std::make_shared<const std::string>(*bytes)}
                 : store.open_blob(std::get<1>(what_).first);
  }

  bool operator==(const blob_handle&) const = default;

  template <class Inspector>
  friend bool inspect(Inspector& f, blob_handle& x) {
    return f.object(x).fields(packed_field(f, "what", x.what_));
  }

private:
  std::variant<std::string, std::pair<digest, std::uint64_t>> what_;
};

} // namespace zako
