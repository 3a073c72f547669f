// What a rule returns, checked: every wrong part is named by its path.
#pragma once

#include "engine/keys.hpp"
#include "engine/label.hpp"
#include "engine/values.hpp"

namespace zako {

/// True for paths at or below the output folder.
bool is_generated(std::string_view path);

/// Reads the result of a rule's implement function (shape: engine/script.hpp) for the target
/// `self`; `deps` stays empty. errc::script for a wrong shape, errc::conflict for outputs that
/// clash, errc::invalid_path for outputs elsewhere than in the target's own part of the output
/// folder.
result<target_value> parse_target_result(const label& self, const data& returned);

/// Keys for the files that an action or a test reads: artifact nodes for what has an owner, file
/// nodes for sources.
std::vector<key> input_keys(const std::vector<file_reference>& inputs);

} // namespace zako
