// The modules of one run: fetched level by level from the client, compiled, linked.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include <v8.h>

#include "engine/error.hpp"
#include "engine/job.hpp"
#include "scripting/isolate/realm_snapshot.hpp"
#include "scripting/source_map.hpp"

namespace zako {

class script_run;

struct module_record {
  std::string id;
  std::string typescript;
  v8::Global<v8::Module> module;
  std::map<std::string, module_record*, std::less<>> imports; // by specifier

  bool complete = false;               // everything it imports is loaded, too
  std::optional<digest> bytecode_name; // of a large one whose bytecode is not kept yet

  /// A place in the JavaScript (0: unknown) as a place in the file, with its code frame's source at
  /// hand.
  [[nodiscard]] source_position original(int line, int column);

  std::string map_text;
  std::optional<source_map> map; // read when first needed, from map_text
};

/// One import to load: who imports what, and where that is written.
struct module_import {
  std::string specifier;
  module_record* referrer = nullptr; // none for an entry module
  int line = 0, column = 0;          // in the referrer's JavaScript
};

class module_graph {
public:
  explicit module_graph(script_run& run) : run_(run) {}

  /// Knows, from now on, the modules of a realm that is opened: evaluated, and complete.
  void adopt(const std::vector<realm_snapshot::realm::module>& modules);
  /// Fetches and compiles these modules and all that they import statically; in the same order.
  result<std::vector<module_record*>> load(std::vector<module_import> sites);
  /// Links a loaded module with its imports.
  result<void> link(module_record& module);

  [[nodiscard]] module_record* find(std::string_view id);
  [[nodiscard]] module_record* find(v8::Local<v8::Module> module);
  /// By V8's number of its script.
  [[nodiscard]] module_record* find_script(int script_id);
  /// In the order in which they were compiled.
  [[nodiscard]] const std::vector<std::unique_ptr<module_record>>& all() const { return records_; }

  /// `import(…)`: notes the import; the promise is settled by `settle_dynamic_imports`.
  v8::MaybeLocal<v8::Promise> import_dynamically(std::string_view referrer, std::string specifier);
  /// Loads and evaluates what was imported since the last call. False when there was nothing.
  bool settle_dynamic_imports();

  /// Once all is evaluated, and so compiled: gives the client the bytecode of large modules that it
  /// did not have.
  void keep_bytecode();

private:
  struct dynamic_import {
    module_import site;
    v8::Global<v8::Promise::Resolver> resolver;
  };

  static v8::MaybeLocal<v8::Module> resolve(v8::Local<v8::Context> context,
                                            v8::Local<v8::String> specifier,
                                            v8::Local<v8::FixedArray> attributes,
                                            v8::Local<v8::Module> referrer);

  result<std::vector<module_source>> fetch(const std::vector<module_import>& sites);
  result<void> fetch_level(const std::vector<module_import>& sites);
  /// What a built-in module imports is the program's own, and nobody needs to be asked.
  result<module_record*> own_builtin(const module_import& site);
  result<module_record*> compile(module_source source);
  result<void> compile_javascript(module_record& record, std::string_view javascript);
  v8::MaybeLocal<v8::Module> compile_large(module_record& record, std::string_view javascript);
  module_record& add(std::string id);
  void remember(module_record& record, v8::Local<v8::Module> module);
  /// Where the answer to an import is kept: its referrer's imports, or the entry modules.
  std::map<std::string, module_record*, std::less<>>& links(const module_import& site);
  void collect_imports(module_record& record, std::vector<module_import>& out);
  void settle(dynamic_import& import, result<module_record*> loaded);
  error at_import(error e, const module_import& site);

  script_run& run_;
  std::vector<std::unique_ptr<module_record>> records_;
  std::map<std::string, module_record*, std::less<>> by_id_;
  std::unordered_multimap<int, module_record*> by_hash_;
  std::unordered_map<int, module_record*> by_script_;
  std::map<std::string, module_record*, std::less<>> entries_; // specifiers of entry modules
  std::vector<dynamic_import> pending_;
};

} // namespace zako
