// Answers what a script asks beside imports.
#pragma once

#include "engine/context.hpp"

namespace zako {

/// The answer to one operation (engine/script.hpp) of the script that `script` describes, through
/// the nodes that know: so it is a dependency like any other. errc::import_denied when its context
/// may not ask that.
task<result<data>> answer_operation(context& ctx, const evaluate_job& script,
                                    const script_query& query);

} // namespace zako
