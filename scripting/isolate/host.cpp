// The plugin's entry: starts V8 once a process, and makes isolates.
#include <algorithm>
#include <memory>
#include <thread>

#include "scripting/isolate/isolate.hpp"
#include "scripting/isolate/last_resort.hpp"
#include "scripting/script_host.hpp"
#include "scripting/v8_compat.hpp"

namespace zako {

namespace {

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
    install_signal_handlers();
    auto made = std::make_unique<isolate_impl>(limits, *platform_, *dog_);
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
