// The actions that zako ran, read from its output, and the same actions as a file for ninja.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace zako::bench {

struct ran_action {
  std::string title;              // "CC src/lua.c"
  std::vector<std::string> words; // its command line; empty unless zako was asked for it
};

/// From the output of `zako build` (titles only) or `zako build --verbose`, in the order of their
/// ends.
std::vector<ran_action> actions_in(std::string_view output);

/// A build.ninja that runs the same commands: compilations with their dependency files, archives
/// and links. Throws `failure` at a command of another shape.
std::string ninja_file(const std::vector<ran_action>& actions);

} // namespace zako::bench
