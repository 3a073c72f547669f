// Opens the plugin that V8 lives in.
#include "scripting/script_host.hpp"

#include <climits>
#include <cstdlib>
#include <mutex>
#include <string>
#include <vector>

#include <dlfcn.h>
#include <unistd.h>

#include <fmt/format.h>

namespace zako {

namespace {

constexpr std::string_view plugin_name = "zako-v8.so";

/// The folder of the running program, with a '/' at the end; empty when the system does not tell.
std::string program_folder() {
  char path[PATH_MAX];
  auto n = ::readlink("/proc/self/exe", path, sizeof path);
  if (n <= 0)
    return {};
  std::string_view text(path, static_cast<std::size_t>(n));
  return std::string(text.substr(0, text.rfind('/') + 1));
}

std::vector<std::string> candidates() {
  if (auto* named = std::getenv("ZAKO_V8_PLUGIN"); named && *named)
    return {named};
  auto folder = program_folder();
  // ZAKO_PLUGIN_DIR is the installed library folder, relative to the installed program's.
  return {fmt::format("{}{}", folder, plugin_name),
          fmt::format("{}{}/{}", folder, ZAKO_PLUGIN_DIR, plugin_name),
          fmt::format("{}../lib/zako/{}", folder, plugin_name)};
}

result<script_host*> open_plugin(const std::string& path) {
  void* library = ::dlopen(path.c_str(), RTLD_LAZY | RTLD_LOCAL | RTLD_NODELETE);
  if (!library)
    return fail(errc::io, ::dlerror()); // begins with the path
  auto* entry = reinterpret_cast<script_host_entry*>(::dlsym(library, script_host_symbol));
  if (!entry)
    return fail(errc::io, fmt::format("'{}' is not Zako's script plugin", path));
  auto* host = entry(script_host_abi);
  if (!host)
    return fail(errc::io, fmt::format("'{}' belongs to another version of this program", path));
  return host;
}

result<script_host*> find_plugin() {
  error all{.code = errc::io, // an installation is repaired from outside: never remembered
            .message = "the script engine cannot be loaded",
            .position = std::nullopt,
            .frame = {},
            .remedy =
                fmt::format("put {} beside the program, or name it in ZAKO_V8_PLUGIN", plugin_name),
            .causes = {}};
  for (auto& path : candidates()) {
    auto host = open_plugin(path);
    if (host)
      return host;
    all.causes.push_back(std::move(host.error()));
  }
  return tl::unexpected(std::move(all));
}

} // namespace

result<script_host*> load_script_host() {
  static std::mutex mutex;
  static script_host* host = nullptr;
  std::lock_guard lock(mutex);
  if (host)
    return host;
  auto found = find_plugin(); // a failure is not kept: the next call looks again
  if (found)
    host = *found;
  return found;
}

} // namespace zako
