// Reads a record in place.
#include "engine/record_view.hpp"

namespace zako {

std::optional<record_view> record_view::of(std::string_view bytes) {
  record_view out;
  decoder f{bytes};
  half_digest input;
  if (!f.apply(out.kind_version_) || !f.apply(input) || !f.apply(out.output_) ||
      !f.apply_length(out.group_count_))
    return std::nullopt;
  out.group_sizes_ = f.rest();
  for (std::size_t i = 0; i < out.group_count_; ++i)
    if (std::uint32_t size = 0; !f.apply(size))
      return std::nullopt;
  if (!f.apply_length(out.dependency_count_))
    return std::nullopt;
  out.dependencies_ = f.rest();
  for (std::size_t i = 0; i < out.dependency_count_; ++i)
    if (dependency d; !f.apply(d))
      return std::nullopt;
  if (!f.apply(out.failed_))
    return std::nullopt;
  if (out.failed_)
    if (error e; !f.apply(e))
      return std::nullopt;
  if (!f.apply(out.value_) || !f.at_end())
    return std::nullopt;
  return out;
}

} // namespace zako
