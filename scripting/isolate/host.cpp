// The plugin's entry: starts V8 once a process, and makes isolates.
#include <algorithm>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include <dlfcn.h>

#include "scripting/isolate/isolate.hpp"
#include "scripting/isolate/last_resort.hpp"
#include "scripting/isolate/realm_snapshot.hpp"
#include "scripting/script_host.hpp"
#include "scripting/v8_compat.hpp"

namespace zako {

namespace {

/// Where this code was loaded from, with a '/' at the end.
std::string plugin_folder() {
  Dl_info found{};
  if (::dladdr(reinterpret_cast<const void*>(&plugin_folder), &found) == 0 || !found.dli_fname)
    return {};
  std::string_view path = found.dli_fname;
  return std::string(path.substr(0, path.rfind('/') + 1));
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
    install_signal_handlers();
    auto snapshot = this->snapshot();
    if (!snapshot)
      return tl::unexpected(std::move(snapshot.error()));
    return std::make_unique<isolate_impl>(limits, **snapshot, *platform_, *dog_);
  }

  result<void> write_snapshot(const std::string& file) override {
    return realm_snapshot::make().and_then([&](auto&& made) { return made.write(file); });
  }

  [[nodiscard]] std::string_view engine_version() const override { return v8::V8::GetVersion(); }

private:
  /// The one beside the plugin, else one that is made now.
  result<const realm_snapshot*> snapshot() {
    std::lock_guard lock(snapshot_mutex_);
    if (snapshot_)
      return snapshot_;
    auto found = realm_snapshot::read(plugin_folder() + snapshot_file_name);
    if (!found) {
      auto made = realm_snapshot::make();
      if (!made)
        return tl::unexpected(std::move(made.error()));
      found = std::move(*made);
    }
    snapshot_ = new realm_snapshot(std::move(*found));
    return snapshot_;
  }

  // None is ever destroyed: threads of theirs may outlive `main`.
  v8::Platform* platform_ = nullptr;
  watchdog* dog_ = new watchdog;
  std::mutex snapshot_mutex_;
  const realm_snapshot* snapshot_ = nullptr; // under the mutex
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
