// The plugin's entry: starts V8 once a process, and makes isolates.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <thread>

#include <unistd.h>

#include "scripting/isolate/isolate.hpp"
#include "scripting/isolate/script_run.hpp"
#include "scripting/script_host.hpp"
#include "scripting/v8_compat.hpp"

namespace zako {

namespace {

/// V8 found itself broken: there is no going on. Says which script it was.
void on_fatal_error(const char* where, const char* what) {
  auto* run = script_run::current();
  std::fprintf(stderr, "zako: the script engine failed while it ran '%s': %s: %s\n",
               run ? run->job.module.c_str() : "(no script)", where ? where : "", what ? what : "");
  std::abort();
}

/// A heap that no limit could hold. The isolate's thread must not go back to V8: it hands its job
/// back and sleeps.
void on_out_of_memory(const char* where) {
  auto* run = script_run::current();
  if (!run)
    return on_fatal_error(where, "out of memory");
  run->client.lost({.code = errc::worker_lost,
                    .message = "the script engine ran out of memory in '" + run->job.module + "'",
                    .position = std::nullopt,
                    .frame = {},
                    .remedy = "look for a list or a text that grows without end",
                    .causes = {}});
  for (;;)
    ::pause();
}

class v8_host final : public script_host {
public:
  v8_host() {
    auto flags = v8_compat::flags();
    v8::V8::SetFlagsFromString(flags.data(), flags.size());
    auto threads = static_cast<int>(std::min(std::thread::hardware_concurrency() + 1, 16u));
    platform_ = v8::platform::NewDefaultPlatform(threads).release();
    v8::V8::InitializePlatform(platform_);
    v8::V8::Initialize();
  }

  result<std::unique_ptr<script_isolate>> create_isolate(const script_limits& limits) override {
    auto made = std::make_unique<isolate_impl>(limits, *platform_, *dog_);
    made->set_handlers(on_fatal_error, v8_compat::set_out_of_memory_handler<on_out_of_memory>);
    return made;
  }

  [[nodiscard]] std::string_view engine_version() const override { return v8::V8::GetVersion(); }

private:
  // Neither is ever destroyed: threads of theirs may outlive `main`.
  v8::Platform* platform_ = nullptr;
  watchdog* dog_ = new watchdog;
};

} // namespace

} // namespace zako

extern "C" __attribute__((visibility("default"))) zako::script_host*
zako_script_host(std::uint32_t abi) {
  if (abi != zako::script_host_abi)
    return nullptr;
  static auto* host = new zako::v8_host; // never destroyed, like V8 itself
  return host;
}
