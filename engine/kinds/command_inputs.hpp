// What a command reads: asked for in parallel, checked, and folded into the digest that says
// whether it must run.
#pragma once

#include "engine/kinds/common.hpp"

namespace zako {

struct command_inputs {
  /// An input in the workspace, as it was found or made.
  struct file {
    std::string path;
    fingerprint print;
    digest content; // of a source
    digest output;  // of what an action made: its artifact_digest
  };

  digest action; // covers the command, and path, content and mode of each input in order
  std::vector<file> files;
};

/// Of a source, what an action can see of it: the same wherever a symbolic link to it leads.
digest source_digest(const file_value& file);

/// Asks for the inputs of a command of the target `owner`, and for the program itself when it is
/// not among them. errc::not_found with the place of the target when a source does not exist,
/// errc::tool_missing for the program.
task<result<command_inputs>> get_command_inputs(context& ctx, label owner, command what,
                                                std::vector<file_reference> inputs);

/// Looks at the inputs again after a run that began at `started_ns`: errc::io when one changed
/// meanwhile, since nobody knows what was read. So it is when it changed and changed back.
task<result<void>> still_the_same(context& ctx, std::vector<command_inputs::file> files,
                                  std::int64_t started_ns, std::string title);
error changed_while_running(const std::string& path, const std::string& title);

} // namespace zako
