// Tests that cannot run on this machine.
#pragma once

#include <string>

namespace e2e {

/// Says why; this run ends with exit code 77, which meson shows as "skipped", unless something
/// failed.
void skip(const std::string& why);

} // namespace e2e
