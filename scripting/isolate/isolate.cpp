// One V8 isolate: its heap, its limits, and the runs in it.
#include "scripting/isolate/isolate.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include <pthread.h>

#include "engine/path.hpp"
#include "engine/script.hpp"
#include "scripting/isolate/last_resort.hpp"
#include "scripting/isolate/quota_allocator.hpp"
#include "scripting/isolate/script_errors.hpp"
#include "scripting/isolate/script_run.hpp"
#include "scripting/v8_compat.hpp"

namespace zako {

namespace {

constexpr std::size_t min_heap = std::size_t{16} << 20;
constexpr std::size_t stack_reserve = std::size_t{128}
                                      << 10; // kept for V8's own C++ and for our callbacks

/// What the heap may grow by until a script that passed its limit has stopped: V8's largest array
/// or string (1 GB) must fit, because a failed allocation ends the process.
constexpr std::size_t heap_raise = std::size_t{1280} << 20;
constexpr int max_heap_raises = 3;

std::uintptr_t lowest_stack_address() {
  pthread_attr_t attributes;
  void* low = nullptr;
  std::size_t size = 0;
  if (::pthread_getattr_np(::pthread_self(), &attributes) != 0)
    return 0;
  ::pthread_attr_getstack(&attributes, &low, &size);
  ::pthread_attr_destroy(&attributes);
  return reinterpret_cast<std::uintptr_t>(low);
}

/// import.meta: `url` always; `dirname` and `filename`, relative to the workspace, for files.
void set_import_meta(v8::Local<v8::Context> context, v8::Local<v8::Module> module,
                     v8::Local<v8::Object> meta) {
  auto* isolate = v8::Isolate::GetCurrent();
  auto* record = script_run::of(isolate).modules.find(module);
  if (!record)
    return;
  auto set = [&](const char* name, std::string_view text) {
    meta->CreateDataProperty(context, to_v8(isolate, name), to_v8(isolate, text)).FromMaybe(false);
  };
  if (is_builtin(record->id) || is_memory(record->id))
    return set("url", record->id);
  auto path = neutral_path::parse(record->id);
  set("url", "workspace:///" + record->id);
  set("filename", record->id);
  set("dirname", path ? path->parent().str() : "");
}

v8::MaybeLocal<v8::Promise> import_dynamically(v8::Local<v8::Context>, v8::Local<v8::Data>,
                                               v8::Local<v8::Value> referrer,
                                               v8::Local<v8::String> specifier,
                                               v8::Local<v8::FixedArray>) {
  auto* isolate = v8::Isolate::GetCurrent();
  auto id = referrer->IsString() ? v8_compat::utf8(isolate, referrer.As<v8::String>()) : "";
  return script_run::of(isolate).modules.import_dynamically(id,
                                                            v8_compat::utf8(isolate, specifier));
}

/// For a run that is made once more: what it prints was printed.
class again_in_silence final : public script_client {
public:
  explicit again_in_silence(script_client& client) : client_(client) {}
  result<script_reply> ask(script_query query) override { return client_.ask(std::move(query)); }
  void print(console_line) override {}
  std::string find_bytecode(const digest& name) override { return client_.find_bytecode(name); }
  void keep_bytecode(const digest&, std::string) override {} // it fails again
  void lost(error reason) override { client_.lost(std::move(reason)); }

private:
  script_client& client_;
};

} // namespace

isolate_impl::isolate_impl(const script_limits& limits, const realm_snapshot& snapshot,
                           v8::Platform& platform, watchdog& dog)
    : limits_(limits), platform_(platform), stack_bottom_(lowest_stack_address()) {
  limits_.heap_bytes = std::max(limits_.heap_bytes, min_heap);
  v8::Isolate::CreateParams params;
  params.array_buffer_allocator_shared =
      std::make_shared<quota_allocator>(limits_.array_buffer_bytes);
  params.snapshot_blob = const_cast<v8::StartupData*>(snapshot.blob()); // older V8s: not const
  params.external_references = realm_snapshot::external_references();
  params.constraints.set_max_old_generation_size_in_bytes(limits_.heap_bytes);
  isolate_ = v8::Isolate::New(params);
  control_ = std::make_unique<execution_control>(isolate_, dog, [this] {
    if (auto* run = static_cast<script_run*>(isolate_->GetData(0)))
      run->note_stop_frames();
  });
  isolate_->SetMicrotasksPolicy(v8::MicrotasksPolicy::kExplicit);
  isolate_->SetCaptureStackTraceForUncaughtExceptions(true, 32, v8::StackTrace::kDetailed);
  isolate_->SetHostInitializeImportMetaObjectCallback(set_import_meta);
  isolate_->SetHostImportModuleDynamicallyCallback(import_dynamically);
  isolate_->AddNearHeapLimitCallback(on_near_heap_limit, this);
  install_handlers(isolate_);
}

isolate_impl::~isolate_impl() {
  control_.reset();
  v8::platform::NotifyIsolateShutdown(&platform_, isolate_);
  isolate_->Dispose();
}

result<data> isolate_impl::run(const evaluate_job& job, script_client& client) {
  auto first = run_in_fresh_realm(job, client, job.places);
  if (first.value || !first.wants_watching || job.places)
    return std::move(first.value);
  again_in_silence quiet(client);
  return std::move(run_in_fresh_realm(job, quiet, true).value);
}

isolate_impl::attempt isolate_impl::run_in_fresh_realm(const evaluate_job& job,
                                                       script_client& client, bool watched) {
  control_->begin(std::chrono::milliseconds(limits_.time_ms));
  attempt out{fail(errc::internal, "V8 opens no realm"), false};
  {
    v8::Isolate::Scope entered(isolate_);
    v8::HandleScope handles(isolate_);
    set_stack_limit();
    if (std::exchange(left_garbage_, false)) // not when it was stopped: its error is waited for
      isolate_->LowMemoryNotification();
    while (v8::platform::PumpMessageLoop(&platform_, isolate_)) // tasks of V8 itself
      ;
    // What an earlier script left waiting is dropped with its queue.
    auto microtasks = v8::MicrotaskQueue::New(isolate_, v8::MicrotasksPolicy::kExplicit);
    if (auto realm = realm_snapshot::open(isolate_, job.context, microtasks.get()))
      out = run_in(*realm, job, client, watched);
  }
  if (control_->reason() != stop_reason::none)
    left_garbage_ = true;
  control_->end();
  if (heap_raises_ > 0)
    recover_heap();
  return out;
}

isolate_impl::attempt isolate_impl::run_in(const realm_snapshot::realm& realm,
                                           const evaluate_job& job, script_client& client,
                                           bool watched) {
  auto context = realm.context;
  v8::Context::Scope in_context(context);
  context->AllowCodeGenerationFromStrings(false);
  context->SetErrorMessageForCodeGenerationFromStrings(to_v8(
      isolate_, "code cannot be made from text: write a function, or a module and import it"));
  script_run run(isolate_, realm, job, client, limits_, *control_, watched);
  control_->arm();
  if (control_->reason() != stop_reason::none)
    return {tl::unexpected(stop_error(run)), false};
  auto value = run.execute();
  if (control_->reason() != stop_reason::none)
    return {tl::unexpected(stop_error(run)), false};
  return {std::move(value), run.wants_watching};
}

void isolate_impl::set_stack_limit() {
  char here = 0;
  auto top = reinterpret_cast<std::uintptr_t>(&here);
  auto wanted = top - std::min<std::uintptr_t>(limits_.stack_bytes, top);
  isolate_->SetStackLimit(std::max(wanted, stack_bottom_ + stack_reserve));
}

std::size_t isolate_impl::on_near_heap_limit(void* self, std::size_t current, std::size_t) {
  auto& isolate = *static_cast<isolate_impl*>(self);
  auto now = watchdog::clock::now();
  if (isolate.heap_raises_++ == 0)
    isolate.heap_stopped_at_ = now;
  isolate.control_->stop(stop_reason::heap);
  // Some of V8's own loops do not look whether they are to stop: those end with the heap.
  bool obeys = isolate.heap_raises_ <= max_heap_raises &&
               now - isolate.heap_stopped_at_ < execution_control::heap_stop_grace;
  return obeys ? current + heap_raise : current;
}

void isolate_impl::recover_heap() {
  heap_raises_ = 0;
  isolate_->LowMemoryNotification();
  isolate_->RemoveNearHeapLimitCallback(on_near_heap_limit, limits_.heap_bytes);
  isolate_->AddNearHeapLimitCallback(on_near_heap_limit, this);
}

std::size_t isolate_impl::gc() {
  auto before = heap_bytes();
  isolate_->LowMemoryNotification();
  return before - std::min(before, heap_bytes());
}

std::size_t isolate_impl::heap_bytes() const {
  v8::HeapStatistics now;
  isolate_->GetHeapStatistics(&now);
  return now.total_heap_size() + now.external_memory();
}

} // namespace zako
