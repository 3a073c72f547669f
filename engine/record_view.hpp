// A stored record read in place: what verification needs of it, without copying anything.
//
// The bytes are the codec's encoding of a `node_record`; a view is valid as long as they are.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "engine/codec.hpp"
#include "engine/node_record.hpp"

namespace zako {

class record_view {
public:
  /// Nothing when the bytes are no record.
  static std::optional<record_view> of(std::string_view bytes);

  [[nodiscard]] std::uint32_t kind_version() const { return kind_version_; }
  [[nodiscard]] std::uint64_t output_prefix() const { return output_.prefix(); }
  [[nodiscard]] const digest& output() const { return output_; }
  [[nodiscard]] bool failed() const { return failed_; }
  /// Empty after a failure.
  [[nodiscard]] std::string_view value_bytes() const { return value_; }
  [[nodiscard]] std::size_t dependency_count() const { return dependency_count_; }

  /// Calls `visit(const dependency&, bool last_of_its_group)` in recorded order. False when the
  /// groups and the dependencies do not add up.
  template <class Visit>
  bool dependencies(Visit&& visit) const {
    decoder sizes{group_sizes_};
    decoder all{dependencies_};
    std::size_t left = dependency_count_;
    for (std::size_t i = 0; i < group_count_; ++i) {
      std::uint32_t size = 0;
      if (!sizes.apply(size) || size == 0 || size > left)
        return false;
      left -= size;
      for (; size > 0; --size) {
        dependency d;
        if (!all.apply(d))
          return false;
        visit(d, size == 1);
      }
    }
    return left == 0;
  }

private:
  std::uint32_t kind_version_ = 0;
  digest output_;
  bool failed_ = false;
  std::size_t group_count_ = 0;
  std::size_t dependency_count_ = 0;
  std::string_view group_sizes_;  // and what follows
  std::string_view dependencies_; // and what follows
  std::string_view value_;
};

} // namespace zako
