// The modules of one run.
#include "scripting/isolate/module_graph.hpp"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include <fmt/format.h>

#include "engine/script.hpp"
#include "scripting/builtins.hpp"
#include "scripting/isolate/script_errors.hpp"
#include "scripting/isolate/script_run.hpp"
#include "scripting/v8_compat.hpp"

namespace zako {

namespace {
/// Bytes of JavaScript from which on reading bytecode is cheaper than compiling.
constexpr std::size_t large_module = 16'384;
} // namespace

source_position module_record::original(int line, int column) {
  if (line <= 0 || column <= 0 || id.ends_with(".json")) // JSON comes wrapped in JavaScript
    return {.file = id};
  if (!map && !map_text.empty()) {
    map = source_map::parse(map_text);
    map_text.clear();
  }
  source_map::place place{static_cast<std::uint32_t>(line), static_cast<std::uint32_t>(column)};
  if (map)
    place = map->original(place);
  return {.file = id, .line = place.line, .column = place.column};
}

module_record* module_graph::find(std::string_view id) {
  auto i = by_id_.find(id);
  return i == by_id_.end() ? nullptr : i->second;
}

module_record* module_graph::find(v8::Local<v8::Module> module) {
  auto [first, last] = by_hash_.equal_range(module->GetIdentityHash());
  auto i = std::find_if(first, last, [&](auto& x) { return x.second->module == module; });
  return i == last ? nullptr : i->second;
}

module_record* module_graph::find_script(int script_id) {
  auto i = by_script_.find(script_id);
  return i == by_script_.end() ? nullptr : i->second;
}

result<std::vector<module_record*>> module_graph::load(std::vector<module_import> sites) {
  std::unordered_set<module_record*> visited;
  auto level = sites;
  while (!level.empty()) {
    if (auto fetched = fetch_level(level); !fetched)
      return tl::unexpected(std::move(fetched.error()));
    std::vector<module_import> next;
    for (auto& site : level) {
      auto* record = links(site).find(site.specifier)->second;
      if (!record->complete && visited.insert(record).second)
        collect_imports(*record, next);
    }
    level = std::move(next);
  }
  for (auto* record : visited)
    record->complete = true;
  std::vector<module_record*> out;
  for (auto& site : sites)
    out.push_back(links(site).find(site.specifier)->second);
  return out;
}

std::map<std::string, module_record*, std::less<>>& module_graph::links(const module_import& site) {
  return site.referrer ? site.referrer->imports : entries_;
}

result<void> module_graph::fetch_level(const std::vector<module_import>& sites) {
  std::vector<module_import> unknown;
  for (auto& site : sites) {
    if (links(site).contains(site.specifier))
      continue;
    auto own = own_builtin(site);
    if (!own)
      return tl::unexpected(std::move(own.error()));
    links(site).emplace(site.specifier, *own);
    if (!*own)
      unknown.push_back(site);
  }
  if (unknown.empty())
    return {};
  auto failed = [&](error e) {
    for (auto& site : unknown)
      if (auto i = links(site).find(site.specifier); i != links(site).end() && !i->second)
        links(site).erase(i);
    return tl::unexpected(std::move(e));
  };
  auto sources = fetch(unknown);
  if (!sources)
    return failed(std::move(sources.error()));
  for (std::size_t i = 0; i < unknown.size(); ++i) {
    auto* record = find((*sources)[i].id);
    if (!record) {
      auto compiled = compile(std::move((*sources)[i]));
      if (!compiled)
        return failed(at_import(std::move(compiled.error()), unknown[i]));
      record = *compiled;
    }
    links(unknown[i])[unknown[i].specifier] = record;
  }
  return {};
}

result<module_record*> module_graph::own_builtin(const module_import& site) {
  if (!site.referrer || !is_builtin(site.referrer->id))
    return nullptr;
  if (auto* record = find(site.specifier))
    return record;
  if (!find_builtin(site.specifier))
    return nullptr;
  return compile({.id = site.specifier, .javascript = {}, .source_map = {}, .typescript = {}});
}

result<std::vector<module_source>> module_graph::fetch(const std::vector<module_import>& sites) {
  auto ask = [&](auto first, auto last) -> result<std::vector<module_source>> {
    script_query query;
    for (auto i = first; i != last; ++i)
      query.imports.push_back(
          {.specifier = i->specifier, .referrer = i->referrer ? i->referrer->id : std::string()});
    auto reply = run_.ask(std::move(query));
    if (!reply)
      return tl::unexpected(std::move(reply.error()));
    if (reply->modules.size() != static_cast<std::size_t>(last - first))
      return fail(errc::internal, "an import was answered with the wrong number of modules");
    return std::move(reply->modules);
  };
  auto all = ask(sites.begin(), sites.end());
  if (all || run_.control.reason() != stop_reason::none)
    return all;
  if (sites.size() == 1)
    return tl::unexpected(at_import(std::move(all.error()), sites.front()));
  // One of them failed. Asked alone, it can be told which; the others are answered from the graph.
  std::vector<module_source> out;
  for (auto i = sites.begin(); i != sites.end(); ++i) {
    auto one = ask(i, i + 1);
    if (!one)
      return tl::unexpected(at_import(std::move(one.error()), *i));
    out.push_back(std::move(one->front()));
  }
  return out;
}

error module_graph::at_import(error e, const module_import& site) {
  if (!e.position && site.referrer && e.code != errc::cancelled) {
    e.position = site.referrer->original(site.line, site.column);
    add_frame(run_, e);
  }
  return e;
}

module_record& module_graph::add(std::string id) {
  auto& record = *records_.emplace_back(std::make_unique<module_record>());
  record.id = std::move(id);
  by_id_.emplace(record.id, &record);
  return record;
}

void module_graph::adopt(const std::vector<realm_snapshot::realm::module>& modules) {
  for (auto& module : modules) {
    auto& record = add(std::string(module.id));
    record.complete = true;
    record.module.Reset(run_.isolate, module.module);
  }
}

void module_graph::remember(module_record& record, v8::Local<v8::Module> module) {
  record.module.Reset(run_.isolate, module);
  by_hash_.emplace(module->GetIdentityHash(), &record);
  by_script_.emplace(module->ScriptId(), &record);
}

result<module_record*> module_graph::compile(module_source source) {
  if (source.javascript.empty()) // a built-in one by its id
    if (auto* builtin = find_builtin(source.id))
      source.javascript = builtin->javascript;
  if (records_.size() >= run_.limits.modules)
    return tl::unexpected(limit_error(run_, script_limit::modules));
  v8::HandleScope scope(run_.isolate);
  auto& record = add(std::move(source.id));
  record.typescript = std::move(source.typescript);
  record.map_text = std::move(source.source_map);
  auto done = compile_javascript(record, source.javascript);
  if (done)
    return &record;
  by_id_.erase(record.id);
  records_.pop_back();
  return tl::unexpected(std::move(done.error()));
}

result<void> module_graph::compile_javascript(module_record& record, std::string_view javascript) {
  v8::TryCatch caught(run_.isolate);
  v8::Local<v8::Module> module;
  if (javascript.size() >= large_module) {
    if (!compile_large(record, javascript).ToLocal(&module))
      return tl::unexpected(to_error(run_, caught));
  } else {
    v8::ScriptCompiler::Source source(
        to_v8(run_.isolate, javascript),
        v8_compat::module_origin(run_.isolate, to_v8(run_.isolate, record.id)));
    if (!v8::ScriptCompiler::CompileModule(run_.isolate, &source).ToLocal(&module))
      return tl::unexpected(to_error(run_, caught));
  }
  remember(record, module);
  return {};
}

/// V8 itself checks no more of a source than its length, so the name is a digest of all of it.
v8::MaybeLocal<v8::Module> module_graph::compile_large(module_record& record,
                                                       std::string_view javascript) {
  using compiler = v8::ScriptCompiler;
  auto name = hasher()
                  .update(fmt::format("V8 bytecode {:x}", compiler::CachedDataVersionTag()))
                  .update(digest_of(javascript))
                  .finish();
  auto bytes = run_.client.find_bytecode(name);
  auto* cached = bytes.empty()
                     ? nullptr
                     : new compiler::CachedData(reinterpret_cast<const std::uint8_t*>(bytes.data()),
                                                static_cast<int>(bytes.size()));
  compiler::Source source(to_v8(run_.isolate, javascript),
                          v8_compat::module_origin(run_.isolate, to_v8(run_.isolate, record.id)),
                          cached); // takes it
  auto module = compiler::CompileModule(
      run_.isolate, &source, cached ? compiler::kConsumeCodeCache : compiler::kNoCompileOptions);
  if (!cached || cached->rejected)
    record.bytecode_name = name;
  return module;
}

void module_graph::keep_bytecode() {
  v8::HandleScope scope(run_.isolate);
  for (auto& record : records_) {
    if (!record->bytecode_name)
      continue;
    auto unbound = record->module.Get(run_.isolate)->GetUnboundModuleScript();
    std::unique_ptr<v8::ScriptCompiler::CachedData> made(
        v8::ScriptCompiler::CreateCodeCache(unbound));
    if (made)
      run_.client.keep_bytecode(*record->bytecode_name, {reinterpret_cast<const char*>(made->data),
                                                         static_cast<std::size_t>(made->length)});
  }
}

void module_graph::collect_imports(module_record& record, std::vector<module_import>& out) {
  v8::HandleScope scope(run_.isolate);
  auto module = record.module.Get(run_.isolate);
  auto requests = module->GetModuleRequests();
  for (int i = 0; i < requests->Length(); ++i) {
    auto request = v8_compat::module_request(run_.context, requests, i);
    auto where = module->SourceOffsetToLocation(request->GetSourceOffset());
    out.push_back({.specifier = v8_compat::utf8(run_.isolate, request->GetSpecifier()),
                   .referrer = &record,
                   .line = where.GetLineNumber() + 1,
                   .column = where.GetColumnNumber() + 1});
  }
}

result<void> module_graph::link(module_record& module) {
  v8::TryCatch caught(run_.isolate);
  if (module.module.Get(run_.isolate)->InstantiateModule(run_.context, resolve).IsNothing())
    return tl::unexpected(to_error(run_, caught));
  return {};
}

v8::MaybeLocal<v8::Module> module_graph::resolve(v8::Local<v8::Context>,
                                                 v8::Local<v8::String> specifier,
                                                 v8::Local<v8::FixedArray>,
                                                 v8::Local<v8::Module> referrer) {
  auto* isolate = v8::Isolate::GetCurrent();
  if (auto* record = script_run::of(isolate).modules.find(referrer))
    if (auto i = record->imports.find(v8_compat::utf8(isolate, specifier));
        i != record->imports.end())
      return i->second->module.Get(isolate);
  isolate->ThrowException(v8::Exception::Error(to_v8(isolate, "an import was not loaded")));
  return {};
}

v8::MaybeLocal<v8::Promise> module_graph::import_dynamically(std::string_view referrer,
                                                             std::string specifier) {
  auto* isolate = run_.isolate;
  v8::Local<v8::Promise::Resolver> resolver;
  if (!v8::Promise::Resolver::New(run_.context).ToLocal(&resolver))
    return {};
  auto* importer = find(referrer);
  if (!importer) { // an import without a referrer would be an entry's, which nothing checks
    resolver
        ->Reject(run_.context, v8::Exception::Error(to_v8(isolate, "import() outside a module")))
        .FromMaybe(false);
    return resolver->GetPromise();
  }
  dynamic_import import{.site = {.specifier = std::move(specifier), .referrer = importer},
                        .resolver = {isolate, resolver}};
  auto here = v8::StackTrace::CurrentStackTrace(isolate, 1, v8::StackTrace::kDetailed);
  if (here->GetFrameCount() > 0) {
    auto frame = here->GetFrame(isolate, 0);
    import.site.line = frame->GetLineNumber();
    import.site.column = frame->GetColumn();
  }
  pending_.push_back(std::move(import));
  return resolver->GetPromise();
}

bool module_graph::settle_dynamic_imports() {
  if (pending_.empty())
    return false;
  v8::HandleScope scope(run_.isolate);
  auto imports = std::exchange(pending_, {});
  std::vector<module_import> sites;
  for (auto& import : imports)
    sites.push_back(import.site);
  auto together = load(sites);
  for (std::size_t i = 0; i < imports.size(); ++i) {
    if (run_.control.reason() != stop_reason::none)
      return true;
    if (together) {
      settle(imports[i], (*together)[i]);
      continue;
    }
    auto alone = load({sites[i]});
    settle(imports[i], alone.map([](auto& x) { return x.front(); }));
  }
  return true;
}

void module_graph::settle(dynamic_import& import, result<module_record*> loaded) {
  auto* isolate = run_.isolate;
  auto context = run_.context;
  v8::TryCatch caught(isolate); // a stopped run fails everywhere; `settle` of the run sees it
  auto resolver = import.resolver.Get(isolate);
  auto reject = [&](error e) {
    resolver->Reject(context, to_exception(run_, std::move(e))).FromMaybe(false);
  };
  if (!loaded)
    return reject(std::move(loaded.error()));
  if (auto linked = link(**loaded); !linked)
    return reject(std::move(linked.error()));
  auto module = (*loaded)->module.Get(isolate);
  auto give_namespace = [](const v8::FunctionCallbackInfo<v8::Value>& call) {
    call.GetReturnValue().Set(call.Data());
  };
  v8::Local<v8::Value> evaluated;
  v8::Local<v8::Function> then;
  v8::Local<v8::Promise> promise;
  if (module->Evaluate(context).ToLocal(&evaluated) &&
      v8::Function::New(context, give_namespace, module->GetModuleNamespace()).ToLocal(&then) &&
      evaluated.As<v8::Promise>()->Then(context, then).ToLocal(&promise))
    resolver->Resolve(context, promise).FromMaybe(false);
  else if (caught.HasCaught() && !caught.HasTerminated())
    resolver->Reject(context, caught.Exception()).FromMaybe(false);
}

} // namespace zako
