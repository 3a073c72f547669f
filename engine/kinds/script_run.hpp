// Running a script to its end: the conversation between a node and the worker that evaluates for
// it.
#pragma once

#include "engine/context.hpp"

namespace zako {

/// Evaluates the job's entry module, answering what the script asks on the way: imports through
/// module nodes, operations (engine/script.hpp) through the nodes that know. Gives the script's
/// result. An import that fails ends the run with an error at the import's place. An operation that
/// fails throws in the script at the place of the call, unless another try may not show the
/// failure: then the run ends with it.
task<result<data>> run_script(context& ctx, evaluate_job what);

/// The same for scripts whose default export others get: it must be an object of plain data. Errors
/// have the path of what is wrong, and the script's.
task<result<data>> run_settings_script(context& ctx, evaluate_job what);

} // namespace zako
