// "zako:syscall": the built-in modules' only way out of JavaScript.
#include "scripting/isolate/syscall_module.hpp"

#include <array>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "engine/digest.hpp"
#include "engine/script.hpp"
#include "scripting/isolate/script_errors.hpp"
#include "scripting/isolate/script_run.hpp"
#include "scripting/isolate/script_values.hpp"
#include "scripting/v8_compat.hpp"

namespace zako {

namespace {

using call_info = v8::FunctionCallbackInfo<v8::Value>;

void raise(script_run& run, error e) {
  run.isolate->ThrowException(to_exception(run, std::move(e)));
}

/// Errors of operations are the caller's: without a place of their own they get the place of the
/// call.
error at_caller(script_run& run, error e) {
  if (!e.position)
    if (auto frames = run.frames_now(); !frames.empty())
      e.position = frames.front().where;
  return e;
}

void return_data(script_run& run, const call_info& info, const data& x) {
  v8::Local<v8::Value> value;
  if (to_value(run, x).ToLocal(&value))
    info.GetReturnValue().Set(value);
}

std::string text_argument(script_run& run, const call_info& info, int index) {
  auto x = info[index];
  return x->IsString() ? v8_compat::utf8(run.isolate, x.As<v8::String>()) : std::string();
}

data to_plain(const source_position& p) {
  return data(data::object{{"file", p.file},
                           {"line", static_cast<double>(p.line)},
                           {"column", static_cast<double>(p.column)}});
}

source_position to_position(const data& x) {
  auto number = [&](std::string_view name) {
    auto* n = x[name].as_number();
    return n && *n >= 0 && *n < 4e9 ? static_cast<std::uint32_t>(*n) : 0u;
  };
  auto* file = x["file"].as_string();
  return {.file = file ? *file : std::string(), .line = number("line"), .column = number("column")};
}

/// call(operation, argument): asks the client.
void on_call(script_run& run, const call_info& info) {
  script_query query;
  query.operation = text_argument(run, info, 0);
  auto argument = to_data(run, info[1], query.operation);
  if (!argument)
    return raise(run, at_caller(run, std::move(argument.error())));
  query.argument = std::move(*argument);
  auto reply = run.ask(std::move(query));
  if (!reply)
    return raise(run, at_caller(run, std::move(reply.error())));
  return_data(run, info, reply->value);
}

/// print(level, text)
void on_print(script_run& run, const call_info& info) {
  auto size =
      info[1]->IsString() ? static_cast<std::size_t>(info[1].As<v8::String>()->Length()) : 0;
  run.printed += size + 1;
  if (run.printed > run.limits.console_bytes)
    return raise(run, at_caller(run, limit_error(run, script_limit::console)));
  run.client.print({.level = text_argument(run, info, 0), .text = text_argument(run, info, 1)});
}

/// modules(): [[id, namespace], ...] of what is linked, in the order of loading.
void on_modules(script_run& run, const call_info& info) {
  auto* isolate = run.isolate;
  std::vector<v8::Local<v8::Value>> pairs;
  for (auto& record : run.modules.all()) {
    auto module = record->module.Get(isolate);
    if (module->GetStatus() < v8::Module::kInstantiated ||
        module->GetStatus() == v8::Module::kErrored)
      continue;
    std::array<v8::Local<v8::Value>, 2> pair{to_v8(isolate, record->id),
                                             module->GetModuleNamespace()};
    pairs.push_back(v8::Array::New(isolate, pair.data(), pair.size()));
  }
  info.GetReturnValue().Set(v8::Array::New(isolate, pairs.data(), pairs.size()));
}

/// here(): where the nearest code outside built-in modules is, as a number; -1 when there is none.
void on_here(script_run& run, const call_info& info) {
  auto number = run.place_now();
  info.GetReturnValue().Set(number ? static_cast<double>(*number) : -1.0);
}

/// position(number): what a number of here() stands for; null for -1.
void on_position(script_run& run, const call_info& info) {
  if (!run.watched)
    run.wants_watching = true;
  else if (info[0]->IsUint32())
    if (auto place = run.place(info[0].As<v8::Uint32>()->Value()))
      return return_data(run, info, to_plain(*place));
  info.GetReturnValue().SetNull();
}

/// hash(text or bytes)
void on_hash(script_run& run, const call_info& info) {
  auto* isolate = run.isolate;
  std::string bytes;
  if (info[0]->IsArrayBufferView()) {
    auto view = info[0].As<v8::ArrayBufferView>();
    bytes.resize(view->ByteLength());
    view->CopyContents(bytes.data(), bytes.size());
  } else if (info[0]->IsString()) {
    bytes = v8_compat::utf8(isolate, info[0].As<v8::String>());
  }
  info.GetReturnValue().Set(to_v8(isolate, digest_of(bytes).hex()));
}

/// fail({ code, message, remedy?, position?, causes? }): throws an error that comes out of the run
/// as it is.
void on_fail(script_run& run, const call_info& info) {
  auto plain = to_data(run, info[0], "error");
  if (!plain)
    return raise(run, std::move(plain.error()));
  error e{.code = errc::script,
          .message = {},
          .position = std::nullopt,
          .frame = {},
          .remedy = {},
          .causes = {}};
  auto& fields = *plain;
  if (auto* code = fields["code"].as_string())
    for (auto i = static_cast<std::uint16_t>(errc::internal);
         i <= static_cast<std::uint16_t>(last_errc); ++i)
      if (to_string(static_cast<errc>(i)) == *code)
        e.code = static_cast<errc>(i);
  if (auto* text = fields["message"].as_string())
    e.message = *text;
  if (auto* text = fields["remedy"].as_string())
    e.remedy = *text;
  if (fields["position"].as_object())
    e.position = to_position(fields["position"]);
  if (auto* causes = fields["causes"].as_array())
    for (auto& cause : *causes)
      if (auto* text = cause["message"].as_string())
        e.causes.push_back(cause["position"].as_object()
                               ? error_at(e.code, *text, to_position(cause["position"]))
                               : fail(e.code, *text).value());
  raise(run, at_caller(run, std::move(e)));
}

/// { module, context, function, argument, places } of the job.
data job_data(const evaluate_job& job) {
  return data(data::object{{"module", job.module},
                           {"context", to_string(job.context)},
                           {"function", job.function},
                           {"argument", job.argument},
                           {"places", job.places}});
}

/// What V8 calls. There is no run while the snapshot is made: built-in modules ask nothing then.
template <void (*Function)(script_run&, const call_info&)>
void entry_point(const call_info& info) noexcept {
  auto* isolate = info.GetIsolate();
  if (auto* run = script_run::find(isolate))
    return Function(*run, info);
  isolate->ThrowException(
      v8::Exception::Error(to_v8(isolate, "zako:syscall is used before there is a job")));
}

constexpr const char* job_export = "job";

struct entry {
  const char* name;
  v8::FunctionCallback function;
};
constexpr std::array<entry, 7> functions{{{"call", entry_point<on_call>},
                                          {"fail", entry_point<on_fail>},
                                          {"hash", entry_point<on_hash>},
                                          {"here", entry_point<on_here>},
                                          {"modules", entry_point<on_modules>},
                                          {"position", entry_point<on_position>},
                                          {"print", entry_point<on_print>}}};

v8::MaybeLocal<v8::Value> set_exports(v8::Local<v8::Context> context,
                                      v8::Local<v8::Module> module) {
  auto* isolate = v8::Isolate::GetCurrent();
  for (auto& f : functions) {
    v8::Local<v8::Function> function;
    if (!v8::Function::New(context, f.function, {}, 0, v8::ConstructorBehavior::kThrow)
             .ToLocal(&function) ||
        !module->SetSyntheticModuleExport(isolate, to_v8(isolate, f.name), function)
             .FromMaybe(false))
      return {};
  }
  v8::Local<v8::Promise::Resolver> done;
  if (!v8::Promise::Resolver::New(context).ToLocal(&done) ||
      done->Resolve(context, v8::Undefined(isolate)).IsNothing())
    return {};
  return done->GetPromise();
}

} // namespace

v8::Local<v8::Module> make_syscall_module(v8::Isolate* isolate) {
  std::vector<v8::Local<v8::String>> names{to_v8(isolate, job_export)};
  for (auto& f : functions)
    names.push_back(to_v8(isolate, f.name));
  return v8_compat::make_synthetic_module(isolate, to_v8(isolate, syscall_module_id), names,
                                          set_exports);
}

bool set_job(script_run& run, v8::Local<v8::Module> syscall) {
  v8::Local<v8::Value> job;
  return to_value(run, job_data(run.job)).ToLocal(&job) &&
         syscall->SetSyntheticModuleExport(run.isolate, to_v8(run.isolate, job_export), job)
             .FromMaybe(false);
}

std::vector<std::intptr_t> syscall_references() {
  std::vector<std::intptr_t> out{reinterpret_cast<std::intptr_t>(set_exports)};
  for (auto& f : functions)
    out.push_back(reinterpret_cast<std::intptr_t>(f.function));
  return out;
}

} // namespace zako
