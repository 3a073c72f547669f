// Values between JavaScript and plain data.
#include "scripting/isolate/script_values.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "scripting/isolate/clone.hpp"
#include "scripting/isolate/script_errors.hpp"
#include "scripting/isolate/script_run.hpp"
#include "scripting/v8_compat.hpp"

namespace zako {

namespace {

constexpr std::size_t max_depth = 200; // as `data` allows

bool is_identifier(std::string_view text) {
  auto letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$';
  };
  return !text.empty() && letter(text.front()) &&
         std::all_of(text.begin(), text.end(),
                     [&](char c) { return letter(c) || (c >= '0' && c <= '9'); });
}

/// Why a value cannot leave JavaScript; empty for plain objects and arrays.
std::string_view foreign(v8::Local<v8::Value> x) {
  if (x->IsFunction())
    return "a function";
  if (x->IsSymbol())
    return "a symbol";
  if (x->IsBigInt())
    return "a bigint (use a number or a string)";
  if (x->IsPromise())
    return "a promise (await it)";
  if (x->IsProxy())
    return "a proxy";
  if (x->IsMap() || x->IsWeakMap())
    return "a map (use Object.fromEntries)";
  if (x->IsSet() || x->IsWeakSet())
    return "a set (use [...set])";
  if (x->IsNativeError())
    return "an Error (throw it)";
  if (x->IsRegExp())
    return "a regular expression (use its source)";
  if (x->IsArrayBufferView() || x->IsArrayBuffer() || x->IsSharedArrayBuffer())
    return "binary data";
  if (x->IsDate() || x->IsGeneratorObject() || x->IsBooleanObject() || x->IsNumberObject() ||
      x->IsStringObject() || x->IsSymbolObject() || x->IsBigIntObject() || x->IsExternal())
    return "not plain data";
  return {};
}

/// One conversion out of JavaScript. Keeps the path to where it is as a stack of steps and objects.
class reader {
public:
  reader(script_run& run, std::string_view root) : run_(run), root_(root) {}

  bool read(v8::Local<v8::Value> x, data& out) {
    if (++count_ > run_.limits.values)
      return refuse(script_limit::values);
    if (x->IsNullOrUndefined())
      return true;
    if (x->IsBoolean())
      out = data(x->IsTrue());
    else if (x->IsNumber())
      out = data(x.As<v8::Number>()->Value());
    else if (x->IsString())
      return read_text(x.As<v8::String>(), out);
    else if (auto why = foreign(x); !why.empty())
      return refuse(fmt::format("is {}, which cannot leave the script", why));
    else
      return read_object(x.As<v8::Object>(), out);
    return true;
  }

  error take_error() { return std::move(error_); }

private:
  struct step {
    v8::Local<v8::Object> object;
    std::uint32_t index = 0;
    v8::Local<v8::String> key; // empty for an element of an array
  };

  bool read_text(v8::Local<v8::String> text, data& out) {
    bytes_ +=
        static_cast<std::size_t>(text->Length()); // at least: looked at before the copy is made
    if (bytes_ > run_.limits.text_bytes)
      return refuse(script_limit::text);
    out = data(v8_compat::utf8(run_.isolate, text));
    return true;
  }

  bool read_object(v8::Local<v8::Object> object, data& out) {
    for (auto& outer : steps_)
      if (outer.object == object)
        return refuse("contains itself");
    if (steps_.size() == max_depth)
      return refuse(fmt::format("is nested deeper than {} levels", max_depth));
    steps_.push_back({.object = object, .index = 0, .key = {}});
    bool ok =
        object->IsArray() ? read_array(object.As<v8::Array>(), out) : read_members(object, out);
    steps_.pop_back();
    return ok;
  }

  bool read_array(v8::Local<v8::Array> array, data& out) {
    if (array->Length() > run_.limits.values - count_)
      return refuse(script_limit::values);
    data::array xs(array->Length());
    for (std::uint32_t i = 0; i < xs.size(); ++i) {
      v8::HandleScope scope(run_.isolate);
      steps_.back().index = i;
      v8::TryCatch caught(run_.isolate);
      v8::Local<v8::Value> x;
      if (!array->Get(run_.context, i).ToLocal(&x))
        return thrown(caught);
      if (!read(x, xs[i]))
        return false;
    }
    out = data(std::move(xs));
    return true;
  }

  bool read_members(v8::Local<v8::Object> object, data& out) {
    v8::TryCatch caught(run_.isolate);
    v8::Local<v8::Array> names;
    if (!object
             ->GetOwnPropertyNames(
                 run_.context,
                 static_cast<v8::PropertyFilter>(v8::ONLY_ENUMERABLE | v8::SKIP_SYMBOLS),
                 v8::KeyConversionMode::kConvertToString)
             .ToLocal(&names))
      return thrown(caught);
    data::object members;
    members.reserve(names->Length());
    for (std::uint32_t i = 0; i < names->Length(); ++i) {
      v8::HandleScope scope(run_.isolate);
      v8::Local<v8::Value> name, x;
      if (!names->Get(run_.context, i).ToLocal(&name))
        return thrown(caught);
      steps_.back().key = name.As<v8::String>();
      if (!object->Get(run_.context, name).ToLocal(&x))
        return thrown(caught);
      auto& member =
          members.emplace_back(v8_compat::utf8(run_.isolate, name.As<v8::String>()), data());
      if (!read(x, member.second))
        return false;
    }
    out = data(std::move(members));
    return true;
  }

  std::string path() {
    auto text = root_;
    for (auto& s : steps_) {
      if (s.key.IsEmpty()) {
        text += fmt::format("[{}]", s.index);
        continue;
      }
      auto key = v8_compat::utf8(run_.isolate, s.key);
      text += is_identifier(key) ? "." + key : fmt::format("[{}]", data(key).to_json());
    }
    return text;
  }

  bool refuse(std::string_view why) {
    error_ = fail(errc::script, fmt::format("{} {}", path(), why),
                  "only null, booleans, numbers, texts, arrays and plain objects can leave a "
                  "script")
                 .value();
    return false;
  }

  bool refuse(script_limit passed) {
    error_ = limit_error(run_, passed, path());
    return false;
  }

  bool thrown(const v8::TryCatch& caught) {
    error_ = to_error(run_, caught);
    return false;
  }

  script_run& run_;
  std::string root_;
  std::size_t count_ = 0;
  std::size_t bytes_ = 0;
  std::vector<step> steps_;
  error error_;
};

v8::MaybeLocal<v8::Value> write_array(script_run& run, const data::array& xs) {
  std::vector<v8::Local<v8::Value>> elements(xs.size());
  for (std::size_t i = 0; i < xs.size(); ++i)
    if (!to_value(run, xs[i]).ToLocal(&elements[i]))
      return {};
  return v8::Array::New(run.isolate, elements.data(), elements.size());
}

v8::MaybeLocal<v8::Value> write_object(script_run& run, const data::object& xs) {
  auto object = v8::Object::New(run.isolate);
  for (auto& [name, x] : xs) {
    v8::Local<v8::Value> value;
    v8::Local<v8::String> key;
    if (!to_value(run, x).ToLocal(&value) ||
        !v8::String::NewFromUtf8(run.isolate, name.data(), v8::NewStringType::kInternalized,
                                 static_cast<int>(name.size()))
             .ToLocal(&key) ||
        object->CreateDataProperty(run.context, key, value).IsNothing())
      return {};
  }
  return object;
}

} // namespace

result<data> to_data(script_run& run, v8::Local<v8::Value> value, std::string_view root) {
  // Most operations ask with a text, or are answered by one: it needs none of what follows.
  if (value->IsString() &&
      static_cast<std::size_t>(value.As<v8::String>()->Length()) <= run.limits.text_bytes)
    return data(v8_compat::utf8(run.isolate, value.As<v8::String>()));
  v8::HandleScope scope(run.isolate);
  if (value->IsObject())
    if (auto cloned = clone(run, value.As<v8::Object>()))
      return std::move(*cloned);
  if (run.control.reason() != stop_reason::none) // it was stopped there, and would go on here
    return tl::unexpected(stop_error(run));
  reader r(run, root);
  data out;
  if (!r.read(value, out))
    return tl::unexpected(r.take_error());
  return out;
}

v8::MaybeLocal<v8::Value> to_value(script_run& run, const data& x) {
  v8::EscapableHandleScope scope(run.isolate);
  v8::Local<v8::Value> out = v8::Null(run.isolate);
  if (auto* truth = x.as_bool())
    out = v8::Boolean::New(run.isolate, *truth);
  else if (auto* number = x.as_number())
    out = v8::Number::New(run.isolate, *number);
  else if (auto* text = x.as_string())
    out = to_v8(run.isolate, *text);
  else if (auto* array = x.as_array(); array && !write_array(run, *array).ToLocal(&out))
    return {};
  else if (auto* object = x.as_object(); object && !write_object(run, *object).ToLocal(&out))
    return {};
  return scope.Escape(out);
}

} // namespace zako
