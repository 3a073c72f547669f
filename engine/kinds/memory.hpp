// Memory modules: what a person typed, run as a script without a file.
#pragma once

#include <string>

#include "engine/job.hpp"
#include "engine/key.hpp"
#include "engine/kind.hpp"
#include "engine/path.hpp"

namespace zako {

/// TypeScript that lies in no file. It imports built-in modules only, those of its context, and
/// nothing can import it.
struct memory_script {
  std::string name; // "eval": the module is "memory:eval"
  script_context as = script_context::library;
  neutral_path folder; // where a file with this text would stand
  std::string source;
};

/// The row of a kind whose one node runs the script; a data_value. The host adds it to its engine's
/// kinds (engine_options) and asks for `memory_key`. Neither the text nor what it gave is stored:
/// the text is in no key, and the kind's values stay in memory.
kind memory_kind(memory_script what);
key memory_key(const memory_script& what);

} // namespace zako
