// One run of one script, from its modules to its result.
#include "scripting/isolate/script_run.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "engine/script.hpp"
#include "scripting/builtins.hpp"
#include "scripting/isolate/script_errors.hpp"
#include "scripting/isolate/script_values.hpp"
#include "scripting/isolate/syscall_module.hpp"
#include "scripting/v8_compat.hpp"

namespace zako {

namespace {

constexpr int max_frames = 32; // of one stack that are looked at
constexpr int few_frames = 4;  // enough for a build file that calls a rule itself

thread_local script_run* this_threads_run = nullptr;

} // namespace

v8::Local<v8::String> to_v8(v8::Isolate* isolate, std::string_view text) {
  if (text.size() > static_cast<std::size_t>(v8::String::kMaxLength))
    return v8::String::Empty(isolate);
  auto size = static_cast<int>(text.size());
  auto made =
      v8_compat::is_ascii(text)
          ? v8::String::NewFromOneByte(isolate, reinterpret_cast<const std::uint8_t*>(text.data()),
                                       v8::NewStringType::kNormal, size)
          : v8::String::NewFromUtf8(isolate, text.data(), v8::NewStringType::kNormal, size);
  v8::Local<v8::String> out;
  return made.ToLocal(&out) ? out : v8::String::Empty(isolate);
}

script_run::script_run(v8::Isolate* isolate_, const realm_snapshot::realm& realm,
                       const evaluate_job& job_, script_client& client_,
                       const script_limits& limits_, execution_control& control_, bool watched_)
    : isolate(isolate_), context(realm.context), job(job_), client(client_), limits(limits_),
      control(control_), watched(watched_), modules(*this) {
  modules.adopt(realm.modules);
  isolate->SetData(0, this);
  isolate->SetPromiseRejectCallback(on_rejection);
  if (watched)
    isolate->SetPromiseHook(on_promise);
  this_threads_run = this;
}

script_run::~script_run() {
  this_threads_run = nullptr;
  if (watched)
    isolate->SetPromiseHook(nullptr);
  isolate->SetPromiseRejectCallback(nullptr);
  isolate->SetData(0, nullptr);
}

script_run* script_run::current() {
  return this_threads_run;
}

result<script_reply> script_run::ask(script_query query) {
  auto reply = client.ask(std::move(query));
  if (control.reason() != stop_reason::none)
    return tl::unexpected(stop_error(*this));
  return reply;
}

result<data> script_run::execute() {
  if (!set_job(*this, modules.find(syscall_module_id)->module.Get(isolate)))
    return fail(errc::internal, "the script's job cannot be given to it");
  auto begun = call_runtime("begin", v8::Undefined(isolate));
  if (!begun)
    return tl::unexpected(std::move(begun.error()));
  auto loaded = modules.load({{.specifier = job.module}});
  if (!loaded)
    return tl::unexpected(std::move(loaded.error()));
  auto& entry = *loaded->front();
  if (auto linked = modules.link(entry); !linked)
    return tl::unexpected(std::move(linked.error()));
  if (auto done = evaluate(entry); !done)
    return tl::unexpected(std::move(done.error()));
  if (auto handled = check_rejections(); !handled)
    return tl::unexpected(std::move(handled.error()));
  auto finished = call_runtime("finish", entry.module.Get(isolate)->GetModuleNamespace());
  if (!finished)
    return tl::unexpected(std::move(finished.error()));
  auto value = *finished;
  if (value->IsPromise()) {
    auto settled = settle(value.As<v8::Promise>());
    if (!settled)
      return tl::unexpected(std::move(settled.error()));
    value = *settled;
  }
  if (auto handled = check_rejections(); !handled)
    return tl::unexpected(std::move(handled.error()));
  auto out = to_data(*this, value, "result");
  if (out)
    modules.keep_bytecode();
  else if (!out.error().position)
    out.error().position = source_position{.file = job.module};
  return out;
}

/// Calls a function of zako:rt.
result<v8::Local<v8::Value>> script_run::call_runtime(const char* name,
                                                      v8::Local<v8::Value> argument) {
  v8::TryCatch caught(isolate);
  auto runtime =
      modules.find(runtime_module_id)->module.Get(isolate)->GetModuleNamespace().As<v8::Object>();
  v8::Local<v8::Value> function, value;
  if (!runtime->Get(context, to_v8(isolate, name)).ToLocal(&function) || !function->IsFunction())
    return fail(errc::internal, fmt::format("the module zako:rt has no function '{}'", name));
  if (!function.As<v8::Function>()
           ->Call(context, v8::Undefined(isolate), 1, &argument)
           .ToLocal(&value))
    return tl::unexpected(to_error(*this, caught));
  return value;
}

result<v8::Local<v8::Value>> script_run::evaluate(module_record& module) {
  v8::TryCatch caught(isolate);
  v8::Local<v8::Value> promise;
  if (!module.module.Get(isolate)->Evaluate(context).ToLocal(&promise))
    return tl::unexpected(to_error(*this, caught));
  return settle(promise.As<v8::Promise>());
}

result<v8::Local<v8::Value>> script_run::settle(v8::Local<v8::Promise> promise) {
  for (;;) {
    {
      v8::TryCatch caught(isolate);
      context->GetMicrotaskQueue()->PerformCheckpoint(isolate);
    }
    if (control.reason() != stop_reason::none)
      return tl::unexpected(stop_error(*this));
    if (modules.settle_dynamic_imports())
      continue;
    switch (promise->State()) {
    case v8::Promise::kFulfilled:
      return promise->Result();
    case v8::Promise::kRejected:
      promise->MarkAsHandled();
      return tl::unexpected(to_error(*this, promise->Result()));
    case v8::Promise::kPending:
      // Scripts have no timers and no asynchronous operations but imports: nothing is left that
      // could settle it.
      return tl::unexpected(deadlock());
    }
  }
}

/// A module that waits for itself alone waits for something that never comes: the others wait for
/// it.
error script_run::deadlock() {
  v8::TryCatch caught(isolate);
  auto waits = [&](module_record& record) {
    auto module = record.module.Get(isolate);
    v8::Local<v8::Value> promise;
    return module->IsSourceTextModule() && module->GetStatus() == v8::Module::kEvaluated &&
           module->IsGraphAsync() && module->Evaluate(context).ToLocal(&promise) &&
           promise.As<v8::Promise>()->State() == v8::Promise::kPending;
  };
  module_record* culprit = nullptr;
  for (auto& record : modules.all()) {
    if (!waits(*record))
      continue;
    culprit = record.get();
    if (std::none_of(record->imports.begin(), record->imports.end(),
                     [&](auto& i) { return i.second != record.get() && waits(*i.second); }))
      break;
  }
  wants_watching = true;
  source_position where{.file = culprit ? culprit->id : job.module};
  if (auto known = awaits_.find(culprit); known != awaits_.end())
    where = culprit->original(known->second.line, known->second.column);
  auto e = error_at(
      errc::script,
      culprit ? "deadlock: this 'await' waits for a promise that nothing can settle any more"
              : fmt::format("deadlock: the result of '{}' is a promise that nothing can settle any "
                            "more",
                            job.module),
      std::move(where),
      "a script can only wait for its own promises and for imports: there are no timers "
      "and no events");
  add_frame(*this, e);
  return e;
}

void script_run::on_promise(v8::PromiseHookType type, v8::Local<v8::Promise> promise,
                            v8::Local<v8::Value>) {
  if (type != v8::PromiseHookType::kInit)
    return;
  auto* isolate = promise->GetIsolate();
  auto& run = of(isolate);
  v8::HandleScope scope(isolate);
  auto trace = v8::StackTrace::CurrentStackTrace(isolate, 1, v8::StackTrace::kDetailed);
  if (trace->GetFrameCount() == 0)
    return;
  auto frame = trace->GetFrame(isolate, 0);
  auto* module = run.modules.find_script(frame->GetScriptId());
  if (module && frame->GetFunctionName().IsEmpty()) // not inside a function
    run.awaits_[module] = {module, frame->GetLineNumber(), frame->GetColumn()};
}

void script_run::on_rejection(v8::PromiseRejectMessage message) {
  auto promise = message.GetPromise();
  auto* isolate = promise->GetIsolate();
  auto& all = of(isolate).rejections_;
  switch (message.GetEvent()) {
  case v8::kPromiseRejectWithNoHandler:
    all.push_back({.promise = {isolate, promise}, .value = {isolate, message.GetValue()}});
    break;
  case v8::kPromiseHandlerAddedAfterReject:
    std::erase_if(all, [&](auto& r) { return r.promise == promise; });
    break;
  default:
    break;
  }
}

result<void> script_run::check_rejections() {
  if (rejections_.empty())
    return {};
  auto e = to_error(*this, rejections_.front().value.Get(isolate));
  if (e.remedy.empty())
    e.remedy = "a promise was rejected and nothing handled it: await it";
  return tl::unexpected(std::move(e));
}

std::optional<script_run::script_place> script_run::nearest_place(int frames) {
  v8::HandleScope scope(isolate);
  auto trace = v8::StackTrace::CurrentStackTrace(isolate, frames, v8::StackTrace::kDetailed);
  for (int i = 0; i < trace->GetFrameCount(); ++i) {
    auto frame = trace->GetFrame(isolate, static_cast<std::uint32_t>(i));
    auto* module = modules.find_script(frame->GetScriptId());
    if (module && !is_builtin(module->id))
      return script_place{module, frame->GetLineNumber(), frame->GetColumn()};
  }
  return std::nullopt;
}

std::optional<std::uint32_t> script_run::place_now() {
  if (!watched)
    return std::nullopt;
  auto found = nearest_place(few_frames);
  if (!found)
    found = nearest_place(max_frames);
  if (!found)
    return std::nullopt;
  auto [known, is_new] = place_numbers_.emplace(*found, static_cast<std::uint32_t>(places_.size()));
  if (is_new)
    places_.push_back(*found);
  return known->second;
}

std::optional<source_position> script_run::place(std::uint32_t number) {
  if (number >= places_.size())
    return std::nullopt;
  auto& at = places_[number];
  return at.module->original(at.line, at.column);
}

std::vector<script_frame> script_run::frames_now() {
  v8::HandleScope scope(isolate);
  return to_frames(
      *this, v8::StackTrace::CurrentStackTrace(isolate, max_frames, v8::StackTrace::kDetailed));
}

} // namespace zako
