// Running a script to its end: the conversation between a node and the worker that evaluates for
// it.
#pragma once

#include "engine/context.hpp"
#include "engine/path.hpp"

namespace zako {

/// What a script of this kind that stands in `folder` finds as its argument (engine/script.hpp).
task<result<data>> script_argument(context& ctx, script_context as, neutral_path folder);

/// Evaluates the job's entry module, answering what the script asks on the way: imports through
/// module nodes, operations (engine/script.hpp) through the nodes that know. Gives the script's
/// result. A static import that fails ends the run before it begins, with an error at the import's
/// place. An import() or an operation that fails throws in the script at the place of the call,
/// unless another try may not show the failure: then the run ends with it. (A limit is passed at
/// the place of the call, too.)
task<result<data>> run_script(context& ctx, evaluate_job what);

/// The same for scripts whose default export others get: it must be an object of plain data. Errors
/// have the path of what is wrong, and the script's.
task<result<data>> run_settings_script(context& ctx, evaluate_job what);

} // namespace zako
