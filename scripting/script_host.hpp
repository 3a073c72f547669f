// Running scripts, as the actors see it. Nothing here knows V8: everything that does lives in one
// shared object, the plugin `zako-v8.so`, which is opened when the first script must run and never
// closed.
//
// Model. A *host* is the engine of the process (one, shared by all threads). An *isolate* is one
// heap, made and used on one thread; it runs one script after the other, each in a realm of its
// own. While a script runs, what it wants to know goes to its *client*, on the same thread, which
// blocks until the client answers. The script's time limit is of its thread's computing time, so
// that waiting does not count. A script that fails may be run once more, watched, so that its error
// says more; what it asks is then asked again, and what it prints is not printed again.
//
// Realms. The built-in modules that a kind of script may import are evaluated already in its realm,
// which comes from a snapshot (isolate/realm_snapshot.hpp). The host looks for the snapshot beside
// the plugin, and makes one when there is none that fits.
//
// Modules. `run` first asks for the job's module, with an empty referrer; then, level by level, for
// what it imports. The answer's `id` names a module: two requests answered with one id are one
// module. For a built-in module the id is enough. What ends in ".json" comes as a JavaScript
// module, too. What built-in modules import is never asked for. When a batch fails, its imports are
// asked again one by one, so that the error can point at the import that failed. The bytecode of
// large ones is kept by the client, so that they are compiled once and not by each process.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "engine/data.hpp"
#include "engine/digest.hpp"
#include "engine/error.hpp"
#include "engine/job.hpp"

namespace zako {

/// What a running script asks. Called on the isolate's thread. Nothing here may throw.
class script_client {
public:
  virtual ~script_client() = default;
  /// Blocks until there is an answer. An error is thrown into the script as an exception that
  /// carries it; where the script does not catch it, it is what `run` returns. After
  /// `script_isolate::cancel` it should return at once (with any error): the isolate cannot
  /// interrupt a client.
  virtual result<script_reply> ask(script_query query) = 0;
  virtual void print(console_line line) = 0;
  /// The bytes that `keep_bytecode` was given for this name, in this process or another; verified.
  /// Empty when there are none.
  virtual std::string find_bytecode(const digest& name) = 0;
  /// What V8 made of a large module, under the digest of its source and of V8's version.
  virtual void keep_bytecode(const digest& name, std::string bytes) = 0;
  /// V8 cannot go on (errc::worker_lost: no limit could hold the heap, or V8 met a case in which it
  /// aborts), or is in one of its few loops that cannot be stopped (errc::limit or
  /// errc::cancelled). The last call on this thread, which then sleeps for ever, with its memory;
  /// the other isolates live on. The client hands the error to whoever waits, and has the thread
  /// replaced.
  virtual void lost(error reason) = 0;
};

/// What one script may use. Passing a limit ends the script with errc::limit (for the array
/// buffers, the stack and the console by an exception, which it can catch); the isolate stays
/// usable. Each is a setting: "script.time" and so on.
struct script_limits {
  std::uint32_t time_ms = 30'000;                  // of computing; 0: none
  std::size_t heap_bytes = std::size_t{512} << 20; // of live objects; at least 16 MiB
  std::size_t array_buffer_bytes = std::size_t{256} << 20;
  std::size_t stack_bytes = std::size_t{900} << 10;  // cut to what the thread has
  std::size_t modules = 20'000;                      // loaded by one script
  std::size_t values = 8'000'000;                    // in one result or one operation's argument
  std::size_t text_bytes = std::size_t{256} << 20;   // of the texts in one of those
  std::size_t console_bytes = std::size_t{16} << 20; // printed by one script
};

class script_isolate {
public:
  virtual ~script_isolate() = default;
  /// Runs one script to its end, on the thread that made the isolate; not from within
  /// `script_client` functions. Errors: errc::script (with the TypeScript position), errc::limit,
  /// errc::cancelled, or what the client answered.
  virtual result<data> run(const evaluate_job& job, script_client& client) = 0;
  /// From any thread: the running script ends with errc::cancelled within 100 ms (it cannot catch
  /// this). No effect when none runs. The isolate must not be destroyed meanwhile.
  virtual void cancel() noexcept = 0;
  /// Collects garbage between scripts; the bytes freed.
  virtual std::size_t gc() = 0;
  /// What it has of memory for its heap, garbage included.
  [[nodiscard]] virtual std::size_t heap_bytes() const = 0;
};

class script_host {
public:
  virtual ~script_host() = default;
  /// Thread-safe. The isolate belongs to the calling thread: it must be used and destroyed there.
  virtual result<std::unique_ptr<script_isolate>> create_isolate(const script_limits& limits) = 0;
  /// Makes the start-up snapshot and writes it to a file: `snapshot_file_name` beside the plugin is
  /// where it is looked for. The calling thread must have no isolate.
  virtual result<void> write_snapshot(const std::string& file) = 0;
  /// For example "10.2.154.26": part of the key of everything that V8 compiles.
  [[nodiscard]] virtual std::string_view engine_version() const = 0;
};

/// Opens the plugin and starts the engine at the first call; every call gives the same host, which
/// lives as long as the process. Thread-safe. Looks for $ZAKO_V8_PLUGIN when that is set, otherwise
/// beside the program and then in the installed library folder; errc::io (which is never stored)
/// says where it looked and what went wrong.
result<script_host*> load_script_host();

/// What the plugin exports, and the number that both sides must agree on; raised when this header
/// changes.
inline constexpr std::uint32_t script_host_abi = 3;
using script_host_entry = script_host*(std::uint32_t abi);
inline constexpr const char* script_host_symbol = "zako_script_host";
inline constexpr const char* snapshot_file_name = "zako-v8.snapshot";

} // namespace zako
