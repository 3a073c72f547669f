// "Did you mean": the known name that a misspelt one is closest to.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace zako {

/// The candidate with the smallest edit distance (insert, delete, replace, swap neighbours) to
/// `name`, when it is at most a third of the longer length (at least 1); the first of equals. Names
/// over 64 bytes get no suggestion.
std::optional<std::string> closest(std::string_view name,
                                   const std::vector<std::string>& candidates);

/// "did you mean 'x'?", or `otherwise` when nothing is close.
std::string did_you_mean(std::string_view name, const std::vector<std::string>& candidates,
                         std::string otherwise);

} // namespace zako
