// What is done when V8 cannot go on, or does not stop.
#include "scripting/isolate/last_resort.hpp"

#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>

#include <link.h>
#include <ucontext.h>
#include <unistd.h>

#include "scripting/isolate/script_errors.hpp"
#include "scripting/isolate/script_run.hpp"
#include "scripting/v8_compat.hpp"

namespace zako {

namespace {

[[noreturn]] void give_up(script_run& run, error why) {
  run.control.abandon();
  run.client.lost(std::move(why));
  for (;;)
    ::pause();
}

error broken(const script_run& run, const char* what) {
  return {.code = errc::worker_lost,
          .message = std::string("the script engine ") + what + " in '" + run.job.module + "'",
          .position = std::nullopt,
          .frame = {},
          .remedy = "look for a list or a text that grows without end",
          .causes = {}};
}

void on_out_of_memory(const char*) {
  if (auto* run = script_run::current())
    give_up(*run, broken(*run, "ran out of memory"));
  std::abort();
}

/// V8 used wrongly: says where, and aborts.
void on_fatal_error(const char* where, const char* what) {
  std::fprintf(stderr, "zako: the script engine failed: %s: %s\n", where ? where : "",
               what ? what : "");
  std::abort();
}

/// V8 ends the process where it cannot go on, for example for an array past its largest size: by
/// abort() or by a trap. Both come from its own code on the script's thread, at a place where
/// everything may be called.
void on_crash(int signal) {
  if (auto* run = script_run::current())
    give_up(*run, broken(*run, "failed"));
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

struct code_range {
  std::uintptr_t begin = 0;
  std::uintptr_t end = 0;
};

/// Where the code of V8's library lies, its built-in functions among it.
code_range find_engine_code() {
  code_range out;
  ::dl_iterate_phdr(
      [](dl_phdr_info* library, std::size_t, void* to) {
        auto inside = reinterpret_cast<std::uintptr_t>(&v8::V8::GetVersion);
        for (int i = 0; i < library->dlpi_phnum; ++i) {
          auto& part = library->dlpi_phdr[i];
          auto begin = library->dlpi_addr + part.p_vaddr;
          if (part.p_type == PT_LOAD && (part.p_flags & PF_X) != 0 && inside >= begin &&
              inside < begin + part.p_memsz)
            *static_cast<code_range*>(to) = {begin, begin + part.p_memsz};
        }
        return 0;
      },
      &out);
  return out;
}

const code_range& engine_code() {
  static const code_range found = find_engine_code();
  return found;
}

std::uintptr_t program_counter(const void* context) {
  auto& machine = static_cast<const ucontext_t*>(context)->uc_mcontext;
#if defined(__x86_64__)
  return static_cast<std::uintptr_t>(machine.gregs[REG_RIP]);
#elif defined(__aarch64__)
  return machine.pc;
#endif
}

/// The script should have stopped long ago. While the thread is in V8's own code it is inside no
/// memory allocator and holds no lock of the process, so it can be left where it is; elsewhere the
/// next signal finds it.
void on_overdue(int, siginfo_t*, void* context) {
  auto* run = script_run::current();
  auto at = program_counter(context);
  if (run && run->control.reason() != stop_reason::none && at >= engine_code().begin &&
      at < engine_code().end)
    give_up(*run, stop_error(*run));
}

} // namespace

void install_signal_handlers() {
  engine_code(); // looked up here, not in a handler
  for (int signal : {SIGABRT, SIGTRAP, SIGILL})
    std::signal(signal, on_crash);
  struct sigaction overdue = {};
  overdue.sa_sigaction = on_overdue;
  overdue.sa_flags = SA_SIGINFO | SA_RESTART;
  ::sigemptyset(&overdue.sa_mask);
  ::sigaction(execution_control::signal_number, &overdue, nullptr);
}

void install_handlers(v8::Isolate* isolate) {
  isolate->SetFatalErrorHandler(on_fatal_error);
  v8_compat::set_out_of_memory_handler<on_out_of_memory>(isolate);
}

} // namespace zako
