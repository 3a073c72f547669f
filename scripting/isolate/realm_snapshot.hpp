// The start-up snapshot: for each kind of script a realm that is ready to run one, with the
// built-in modules that it may import already evaluated. Knows no script and no run.
//
// One blob of V8's holds a context for each `script_context`. It is made when Zako is built and
// lies beside the plugin; a process that finds none that fits (another V8, other built-in modules,
// a damaged file) makes one in memory at the first use.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <v8.h>

#include "engine/digest.hpp"
#include "engine/error.hpp"
#include "engine/job.hpp"

namespace zako {

class realm_snapshot {
public:
  /// Makes it in an isolate of its own, on the calling thread, which has entered no other. Errors
  /// are mistakes in the built-in modules.
  static result<realm_snapshot> make();
  /// Nothing when the file is missing, damaged, or was made by another program.
  static std::optional<realm_snapshot> read(const std::string& file);
  /// A whole file or none.
  [[nodiscard]] result<void> write(const std::string& file) const;

  /// For v8::Isolate::CreateParams; valid as long as this object stays where it is.
  [[nodiscard]] const v8::StartupData* blob() const { return &blob_; }
  static const std::intptr_t* external_references();

  struct realm {
    v8::Local<v8::Context> context;
    struct module {
      std::string_view id; // a built-in one
      v8::Local<v8::Module> module;
    };
    std::vector<module> modules; // evaluated, in the order in which they were
  };
  /// A fresh realm; empty when V8 is being stopped.
  [[nodiscard]] static std::optional<realm> open(v8::Isolate* isolate, script_context kind,
                                                 v8::MicrotaskQueue* microtasks);

private:
  explicit realm_snapshot(std::string bytes);

  std::string bytes_;
  v8::StartupData blob_{};
};

} // namespace zako
