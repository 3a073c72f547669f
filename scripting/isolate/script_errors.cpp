// Exceptions of JavaScript and errors of Zako, each as the other.
#include "scripting/isolate/script_errors.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "engine/script.hpp"
#include "engine/settings.hpp"
#include "scripting/v8_compat.hpp"

namespace zako {

namespace {

constexpr std::size_t max_message = 16'384; // bytes of a message that are kept
constexpr std::size_t max_calls = 8;        // frames of a stack that an error tells
constexpr int max_causes = 8; // length of a chain of `cause`, and of a list of `errors`

v8::Local<v8::Private> carrier_key(v8::Isolate* isolate) {
  return v8::Private::ForApi(isolate, to_v8(isolate, "zako.error"));
}

/// The error that an exception carries, or null.
const error* carried_error(script_run& run, v8::Local<v8::Value> exception) {
  v8::Local<v8::Value> index;
  if (!exception->IsObject() ||
      !exception.As<v8::Object>()
           ->GetPrivate(run.context, carrier_key(run.isolate))
           .ToLocal(&index) ||
      !index->IsUint32())
    return nullptr;
  return &run.carried[index.As<v8::Uint32>()->Value()];
}

/// What V8 would print, without "Uncaught " and without a plain "Error: ".
std::string message_text(script_run& run, v8::Local<v8::Message> message) {
  auto text = v8_compat::utf8(run.isolate, message->Get());
  for (std::string_view prefix : {"Uncaught ", "Error: "})
    if (text.starts_with(prefix))
      text.erase(0, prefix.size());
  if (text.size() > max_message) {
    auto end = max_message;
    while (end > 0 && (text[end] & 0xc0) == 0x80) // not inside a character
      --end;
    text.resize(end);
    text += "…";
  }
  return text;
}

void add_calls(error& e, const std::vector<script_frame>& frames, std::size_t first) {
  for (auto i = first; i < frames.size() && i < first + max_calls; ++i)
    e.causes.push_back(error_at(errc::script,
                                frames[i].function.empty()
                                    ? std::string("called from here")
                                    : fmt::format("called from '{}'", frames[i].function),
                                frames[i].where));
}

void set_place(script_run& run, error& e, v8::Local<v8::Message> message,
               const std::vector<script_frame>& frames) {
  if (!frames.empty()) {
    e.position = frames.front().where;
  } else if (auto name = message->GetScriptOrigin().ResourceName();
             !name.IsEmpty() && name->IsString()) {
    auto id = v8_compat::utf8(run.isolate, name.As<v8::String>());
    auto line = message->GetLineNumber(run.context).FromMaybe(0);
    if (auto* module = run.modules.find(id))
      e.position = module->original(line, message->GetStartColumn() + 1);
    else if (!id.empty())
      e.position = source_position{
          .file = id,
          .line = static_cast<std::uint32_t>(std::max(line, 0)),
          .column = static_cast<std::uint32_t>(std::max(message->GetStartColumn() + 1, 0))};
  }
  add_frame(run, e);
}

/// The module that failed with this exception, for what is thrown and has no stack. Its importers
/// failed with it.
const module_record* failed_module(script_run& run, v8::Local<v8::Value> exception) {
  auto failed = [&](module_record& record) {
    auto module = record.module.Get(run.isolate);
    return module->GetStatus() == v8::Module::kErrored &&
           module->GetException()->StrictEquals(exception);
  };
  for (auto& record : run.modules.all())
    if (failed(*record) && std::none_of(record->imports.begin(), record->imports.end(),
                                        [&](auto& i) { return failed(*i.second); }))
      return record.get();
  return nullptr;
}

error convert(script_run& run, v8::Local<v8::Value> exception, v8::Local<v8::Message> message,
              int depth);

/// The limit that V8 keeps itself, by an exception.
std::optional<script_limit> thrown_limit(v8::Local<v8::Value> exception, std::string_view message) {
  if (!exception->IsNativeError())
    return std::nullopt;
  if (message == "RangeError: Maximum call stack size exceeded")
    return script_limit::stack;
  if (message == "RangeError: Array buffer allocation failed")
    return script_limit::array_buffers;
  return std::nullopt;
}

/// `cause` of an error, and `errors` of an AggregateError.
void add_causes(script_run& run, error& e, v8::Local<v8::Value> exception, int depth) {
  if (!exception->IsNativeError() || depth >= max_causes)
    return;
  v8::TryCatch caught(run.isolate); // a getter may throw: then there is no cause to tell
  auto object = exception.As<v8::Object>();
  auto own = [&](const char* name, v8::Local<v8::Value>& out) {
    auto key = to_v8(run.isolate, name);
    return object->HasOwnProperty(run.context, key).FromMaybe(false) &&
           object->Get(run.context, key).ToLocal(&out) && !out->IsUndefined();
  };
  auto add = [&](v8::Local<v8::Value> x) {
    e.causes.push_back(convert(run, x, v8::Exception::CreateMessage(run.isolate, x), depth + 1));
  };
  v8::Local<v8::Value> cause, errors, x;
  if (own("cause", cause))
    add(cause);
  if (own("errors", errors) && errors->IsArray())
    for (std::uint32_t i = 0;
         i < std::min<std::uint32_t>(errors.As<v8::Array>()->Length(), max_causes); ++i)
      if (errors.As<v8::Array>()->Get(run.context, i).ToLocal(&x))
        add(x);
}

error convert(script_run& run, v8::Local<v8::Value> exception, v8::Local<v8::Message> message,
              int depth) {
  v8::HandleScope scope(run.isolate);
  if (auto* original = carried_error(run, exception))
    return *original;
  error e{.code = errc::script,
          .message = message_text(run, message),
          .position = std::nullopt,
          .frame = {},
          .remedy = {},
          .causes = {}};
  auto trace = v8::Exception::GetStackTrace(exception);
  if (trace.IsEmpty())
    trace = message->GetStackTrace();
  auto frames = trace.IsEmpty() ? std::vector<script_frame>{} : to_frames(run, trace);
  set_place(run, e, message, frames);
  if (!e.position)
    if (auto* module = failed_module(run, exception))
      e.position = source_position{.file = module->id};
  add_calls(e, frames, 1);
  add_causes(run, e, exception, depth);
  if (auto passed = thrown_limit(exception, e.message)) {
    auto limit = limit_error(run, *passed);
    e.code = limit.code;
    e.message = std::move(limit.message);
    e.remedy = std::move(limit.remedy);
  }
  return e;
}

/// What a limit is called in the settings, and what is said of who passes it.
struct limit_row {
  std::string_view setting;
  setting_unit unit;
  std::uint64_t value;
  std::string_view passes; // "{}" is the value
  std::string_view advice;
};

limit_row row_of(const script_limits& limits, script_limit which) {
  using unit = setting_unit;
  switch (which) {
  case script_limit::time:
    return {"script.time", unit::duration, limits.time_ms, "ran for more than {}",
            "look for an endless loop at this place"};
  case script_limit::heap:
    return {"script.heap", unit::bytes, limits.heap_bytes, "needs more than {} of memory",
            "look for a list or a text that grows without end"};
  case script_limit::array_buffers:
    return {"script.array_buffers", unit::bytes, limits.array_buffer_bytes,
            "needs more than {} of array buffers", "drop those that are done with"};
  case script_limit::stack:
    return {"script.stack", unit::bytes, limits.stack_bytes, "needs more than {} of stack",
            "look for a function that calls itself without end"};
  case script_limit::modules:
    return {"script.modules", unit::count, limits.modules, "loads more than {} modules",
            "look for an import of what is not needed"};
  case script_limit::values:
    return {"script.values", unit::count, limits.values, "is larger than {} values",
            "give back less"};
  case script_limit::text:
    return {"script.text", unit::bytes, limits.text_bytes, "holds more than {} of text",
            "give back less"};
  case script_limit::console:
    break;
  }
  return {"script.console", unit::bytes, limits.console_bytes, "prints more than {}", "print less"};
}

} // namespace

std::vector<script_frame> to_frames(script_run& run, v8::Local<v8::StackTrace> trace) {
  std::vector<script_frame> out;
  for (int i = 0; i < trace->GetFrameCount(); ++i) {
    auto frame = trace->GetFrame(run.isolate, static_cast<std::uint32_t>(i));
    auto name = frame->GetScriptName();
    if (name.IsEmpty())
      continue;
    auto id = v8_compat::utf8(run.isolate, name);
    auto* module = is_builtin(id) ? nullptr : run.modules.find(id);
    if (!module)
      continue;
    auto function = frame->GetFunctionName();
    out.push_back(
        {.function = function.IsEmpty() ? std::string() : v8_compat::utf8(run.isolate, function),
         .where = module->original(frame->GetLineNumber(), frame->GetColumn())});
  }
  return out;
}

void add_frame(script_run& run, error& e) {
  if (!e.position || !e.frame.empty() || e.position->line == 0)
    return;
  if (auto* module = run.modules.find(e.position->file))
    e.frame = code_frame(module->typescript, e.position->line, e.position->column);
}

error to_error(script_run& run, const v8::TryCatch& caught) {
  if (run.control.reason() != stop_reason::none)
    return stop_error(run);
  if (!caught.HasCaught() || caught.HasTerminated())
    return {.code = errc::internal,
            .message = "the script ended without a result",
            .position = std::nullopt,
            .frame = {},
            .remedy = {},
            .causes = {}};
  auto message = caught.Message();
  if (message.IsEmpty())
    message = v8::Exception::CreateMessage(run.isolate, caught.Exception());
  return convert(run, caught.Exception(), message, 0);
}

error to_error(script_run& run, v8::Local<v8::Value> exception) {
  if (run.control.reason() != stop_reason::none)
    return stop_error(run);
  return convert(run, exception, v8::Exception::CreateMessage(run.isolate, exception), 0);
}

v8::Local<v8::Value> to_exception(script_run& run, error e) {
  add_frame(run, e);
  auto exception = v8::Exception::Error(to_v8(run.isolate, e.message));
  run.carried.push_back(std::move(e));
  // Fails only when the run is being stopped; then the exception is never looked at.
  exception.As<v8::Object>()
      ->SetPrivate(run.context, carrier_key(run.isolate),
                   v8::Integer::NewFromUnsigned(run.isolate,
                                                static_cast<std::uint32_t>(run.carried.size() - 1)))
      .FromMaybe(false);
  return exception;
}

error limit_error(const script_run& run, script_limit which, std::string_view who) {
  auto row = row_of(run.limits, which);
  auto subject = who.empty() ? fmt::format("'{}'", run.job.module) : std::string(who);
  auto passes = fmt::format(fmt::runtime(row.passes), setting_text(row.unit, row.value));
  error e;
  e.code = errc::limit;
  e.message = fmt::format("{} {} ({})", subject, passes, row.setting);
  e.remedy = fmt::format("{}, or allow more: --set {}={}", row.advice, row.setting,
                         setting_text(row.unit, 2 * row.value));
  return e;
}

error stop_error(script_run& run) {
  auto why = run.control.reason();
  if (why != stop_reason::time && why != stop_reason::heap)
    return fail(errc::cancelled, fmt::format("'{}' was cancelled", run.job.module)).value();
  auto e = limit_error(run, why == stop_reason::time ? script_limit::time : script_limit::heap);
  if (!run.stop_frames.empty()) {
    e.position = run.stop_frames.front().where;
    add_frame(run, e);
    add_calls(e, run.stop_frames, 1);
  } else {
    e.position = source_position{.file = run.job.module};
  }
  return e;
}

} // namespace zako
