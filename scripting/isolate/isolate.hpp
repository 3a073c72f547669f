// One V8 isolate: its heap, its limits, and the runs in it.
#pragma once

#include <cstdint>
#include <memory>

#include <v8.h>

#include "scripting/isolate/execution_control.hpp"
#include "scripting/isolate/realm_snapshot.hpp"
#include "scripting/script_host.hpp"

namespace zako {

class isolate_impl final : public script_isolate {
public:
  /// All three outlive it.
  isolate_impl(const script_limits& limits, const realm_snapshot& snapshot, v8::Platform& platform,
               watchdog& dog);
  ~isolate_impl() override;

  result<data> run(const evaluate_job& job, script_client& client) override;
  void cancel() noexcept override { control_->stop(stop_reason::cancelled); }
  std::size_t gc() override;
  [[nodiscard]] std::size_t heap_bytes() const override;

private:
  struct attempt {
    result<data> value;
    bool wants_watching = false;
  };
  attempt run_in_fresh_realm(const evaluate_job& job, script_client& client, bool watched);
  attempt run_in(const realm_snapshot::realm& realm, const evaluate_job& job, script_client& client,
                 bool watched);
  void set_stack_limit();
  void recover_heap();
  static std::size_t on_near_heap_limit(void* self, std::size_t current, std::size_t initial);

  script_limits limits_;
  v8::Platform& platform_;
  v8::Isolate* isolate_;
  std::unique_ptr<execution_control> control_;
  std::uintptr_t stack_bottom_ = 0; // the lowest address of the thread's stack
  bool left_garbage_ = false;       // by a script that was stopped; the next one would pay for it
  int heap_raises_ = 0;             // in this run
  watchdog::clock::time_point heap_stopped_at_;
};

} // namespace zako
