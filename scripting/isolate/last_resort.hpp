// What is done when V8 cannot go on, or does not stop: the script's thread is given up. It hands
// its job back
// (`script_client::lost`) and sleeps for ever; its memory stays; the other isolates and the process
// live on.
#pragma once

#include <v8.h>

namespace zako {

/// Sets the process's handlers: for the signals that V8 ends the process with, and for the one that
/// `execution_control` sends. Done again for each isolate, because others may have set theirs
/// meanwhile.
void install_signal_handlers();

/// Sets an isolate's handlers: for a heap that no limit could hold, and for V8's own complaints.
void install_handlers(v8::Isolate* isolate);

} // namespace zako
