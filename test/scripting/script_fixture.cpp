// A script world in memory.
#include "script_fixture.hpp"

#include <catch2/catch.hpp>

#include "engine/imports.hpp"
#include "engine/path.hpp"
#include "engine/script.hpp"
#include "scripting/builtins.hpp"
#include "scripting/transpile/transpiler.hpp"

namespace zako::test {

script_host& host() {
  auto loaded = load_script_host();
  if (!loaded)
    FAIL(to_text(loaded.error()));
  return **loaded;
}

script_world& script_world::file(std::string path, std::string text) {
  files_[std::move(path)] = std::move(text);
  return *this;
}

script_world& script_world::answer(std::string name, operation how) {
  operations_[std::move(name)] = std::move(how);
  return *this;
}

result<data> script_world::run(std::string module, script_context context, std::string function,
                               data argument) {
  if (!isolate) {
    auto made = host().create_isolate(limits);
    if (!made)
      return tl::unexpected(made.error());
    isolate = std::move(*made);
  }
  context_ = context;
  imports_ = {};
  evaluate_job job;
  imports_.enter(module, context);
  job.module = std::move(module);
  job.context = context;
  job.places = places;
  job.function = std::move(function);
  job.argument = std::move(argument);
  if (context == script_context::build && job.argument["package"].is_null())
    job.argument.set("package", neutral_path::parse(job.module)->parent().str());
  return isolate->run(job, *this);
}

result<script_reply> script_world::ask(script_query query) {
  script_reply reply;
  if (query.operation.empty()) {
    batches.push_back(query.imports.size());
    for (auto& import : query.imports) {
      auto module = load(import);
      if (!module)
        return tl::unexpected(module.error());
      reply.modules.push_back(std::move(*module));
    }
    return reply;
  }
  auto known = operations_.find(query.operation);
  if (!may_ask(context_, query.operation) || known == operations_.end())
    return fail(errc::import_denied, "this script may not use " + query.operation);
  auto value = known->second(query.argument);
  if (!value)
    return tl::unexpected(value.error());
  reply.value = std::move(*value);
  return reply;
}

result<std::string> script_world::find(const import_request& import) {
  if (import.referrer.empty())
    return import.specifier;
  static const dependencies_value workspace{{package_entry{}}};
  auto& [specifier, referrer] = import;
  auto id = sort_of_import(specifier, referrer).and_then([&](import_sort sort) {
    return sort == import_sort::builtin ? result<std::string>(specifier)
           : sort == import_sort::path
               ? resolve_path_import(specifier, referrer, workspace)
               : resolve_named_import(specifier, referrer, manifest_value{}, workspace);
  });
  if (id)
    if (auto refused = imports_.add(import, *id))
      return fail(std::move(refused->why));
  return id;
}

result<module_source> script_world::load(const import_request& import) {
  auto id = find(import);
  if (!id)
    return tl::unexpected(id.error());
  if (auto* builtin = find_builtin(*id))
    return module_source{.id = *id,
                         .javascript = std::string(builtin->javascript),
                         .source_map = {},
                         .typescript = {}};
  auto found = files_.find(*id);
  if (found == files_.end())
    return fail(errc::not_found, "there is no file '" + *id + "'");
  if (id->ends_with(".json"))
    return module_source{.id = *id,
                         .javascript =
                             "export default JSON.parse(" + data(found->second).to_json() + ");",
                         .source_map = {},
                         .typescript = found->second};
  transpiler t;
  auto done = t.transpile(found->second, *id);
  if (!done)
    return tl::unexpected(done.error());
  return module_source{.id = *id,
                       .javascript = std::move(done->javascript),
                       .source_map = std::move(done->source_map),
                       .typescript = found->second};
}

std::string json(const result<data>& x) {
  if (x)
    return x->to_json();
  FAIL_CHECK(to_text(x.error()));
  return to_text(x.error());
}

error failure(const result<data>& x) {
  if (!x)
    return x.error();
  FAIL_CHECK("no error, but " + x->to_json());
  return {};
}

} // namespace zako::test
