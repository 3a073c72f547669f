// Reads source maps (version 3): from a place in the JavaScript back to the TypeScript it was made
// from.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace zako {

class source_map {
public:
  struct place {
    std::uint32_t line = 0; // both count from 1; columns count UTF-16 units
    std::uint32_t column = 0;
    bool operator==(const place&) const = default;
  };

  /// A map of one source. Nothing when the text is no such map.
  static std::optional<source_map> parse(std::string_view json);

  /// Where `generated` came from; `generated` itself when the map does not cover it. A place
  /// between two mapped ones counts on from the first: what lies between them was copied.
  [[nodiscard]] place original(place generated) const;

private:
  struct segment { // all count from 0
    std::uint32_t column = 0;
    std::uint32_t source_line = 0;
    std::uint32_t source_column = 0;
  };
  bool read_mappings(std::string_view text);

  std::vector<std::vector<segment>> lines_;
};

} // namespace zako
