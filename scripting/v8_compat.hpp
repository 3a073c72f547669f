// What differs between the versions of V8 that this code compiles with (10.2 to 14): the only file
// that asks for the version. Included by the plugin's sources only.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <libplatform/libplatform.h>
#include <v8.h>

namespace zako::v8_compat {

inline bool is_ascii(std::string_view text) {
  unsigned char all = 0; // without a branch: several bytes at once
  for (char c : text)
    all |= static_cast<unsigned char>(c);
  return all < 0x80;
}

/// Flags that must be set before V8 starts; V8 stops the process for flags that it does not know.
/// Loops that call slow functions look whether they are to stop when they have used up a budget;
/// the usual one, 135168, lets some of them go on for half a second.
inline std::string_view flags() {
#if V8_MAJOR_VERSION < 12
  return "--harmony-import-attributes --no-expose-wasm --interrupt-budget=10000";
#else
  return "--no-expose-wasm --interrupt-budget=10000";
#endif
}

inline v8::ScriptOrigin module_origin([[maybe_unused]] v8::Isolate* isolate,
                                      v8::Local<v8::String> name) {
#if V8_MAJOR_VERSION < 12
  return {isolate, name, 0, 0, false, -1, v8::Local<v8::Value>(), false, false, true};
#else
  return {name, 0, 0, false, -1, v8::Local<v8::Value>(), false, false, true};
#endif
}

inline v8::Local<v8::Module>
make_synthetic_module(v8::Isolate* isolate, v8::Local<v8::String> name,
                      const std::vector<v8::Local<v8::String>>& exports,
                      v8::Module::SyntheticModuleEvaluationSteps steps) {
#if V8_MAJOR_VERSION < 12
  return v8::Module::CreateSyntheticModule(isolate, name, exports, steps);
#else
  return v8::Module::CreateSyntheticModule(
      isolate, name, v8::MemorySpan<const v8::Local<v8::String>>(exports.data(), exports.size()),
      steps);
#endif
}

inline v8::Local<v8::ModuleRequest> module_request([[maybe_unused]] v8::Local<v8::Context> context,
                                                   v8::Local<v8::FixedArray> requests, int index) {
#if V8_MAJOR_VERSION < 14
  return requests->Get(context, index).As<v8::ModuleRequest>();
#else
  return requests->Get(index).As<v8::ModuleRequest>();
#endif
}

/// Sets a handler that is called when a heap cannot be kept within its limit; it must not return.
template <void (*Handler)(const char* where)>
void set_out_of_memory_handler(v8::Isolate* isolate) {
#if V8_MAJOR_VERSION < 11
  isolate->SetOOMErrorHandler([](const char* where, bool) { Handler(where); });
#else
  isolate->SetOOMErrorHandler([](const char* where, const v8::OOMDetails&) { Handler(where); });
#endif
}

/// True when `out` was set: the text is ASCII, as most are, and needs no conversion.
inline bool read_ascii(v8::Isolate* isolate, v8::Local<v8::String> text, std::string& out) {
  if (!text->IsOneByte())
    return false;
  out.resize(static_cast<std::size_t>(text->Length()));
  auto* bytes = reinterpret_cast<std::uint8_t*>(out.data());
#if V8_MAJOR_VERSION < 13
  text->WriteOneByte(isolate, bytes, 0, text->Length(), v8::String::NO_NULL_TERMINATION);
#else
  text->WriteOneByteV2(isolate, 0, static_cast<std::uint32_t>(text->Length()), bytes);
#endif
  return is_ascii(out);
}

/// A string's UTF-8; unpaired surrogates become U+FFFD.
inline std::string utf8(v8::Isolate* isolate, v8::Local<v8::String> text) {
  if (std::string ascii; read_ascii(isolate, text, ascii))
    return ascii;
#if V8_MAJOR_VERSION < 13
  std::string out(static_cast<std::size_t>(text->Utf8Length(isolate)), '\0');
  text->WriteUtf8(isolate, out.data(), static_cast<int>(out.size()), nullptr,
                  v8::String::NO_NULL_TERMINATION | v8::String::REPLACE_INVALID_UTF8);
#else
  std::string out(text->Utf8LengthV2(isolate), '\0');
  text->WriteUtf8V2(isolate, out.data(), out.size(), v8::String::WriteFlags::kReplaceInvalidUtf8);
#endif
  return out;
}

} // namespace zako::v8_compat
