// Imports of a run, through module nodes.
#include "engine/kinds/script_imports.hpp"

#include <fmt/format.h>

#include "engine/imports.hpp"
#include "engine/kinds/common.hpp"
#include "engine/script.hpp"

namespace zako {

namespace {

key key_of_module(const std::string& id) {
  auto data = data_module(id);
  return !data                             ? module_key(id)
         : *data == script_context::config ? config_key(id)
                                           : toolchain_key(id);
}

/// A module of what a config or toolchain file exports. JSON text as a string literal is also a
/// JavaScript string literal.
std::shared_ptr<const module_value> as_module(std::string id, const data& content) {
  auto out = std::make_shared<module_value>();
  out->source.javascript =
      fmt::format("export default JSON.parse({});\n", data(content.to_json()).to_json());
  out->source.id = std::move(id);
  return out;
}

} // namespace

task<result<std::string>> module_finder::find(std::string specifier, std::string referrer) {
  auto sort = sort_of_import(specifier, referrer);
  if (!sort)
    co_return fail(std::move(sort.error()));
  if (*sort == import_sort::builtin)
    co_return specifier;
  if (!packages_) {
    auto packages = co_await ctx_.get<dependencies_value>(dependencies_key());
    if (!packages)
      co_return fail(std::move(packages.error()));
    packages_ = std::move(*packages);
  }
  if (*sort == import_sort::path)
    co_return resolve_path_import(specifier, referrer, *packages_);
  auto* home = packages_->holder_of(referrer);
  if (!home)
    co_return fail(errc::internal, fmt::format("'{}' is in no package", referrer));
  auto manifest = co_await ctx_.get<manifest_value>(manifest_key(home->folder));
  if (!manifest)
    co_return fail(std::move(manifest.error()));
  co_return resolve_named_import(specifier, referrer, **manifest, *packages_);
}

task<result<std::string>> script_imports::find(const import_request& import) {
  if (!import.referrer.empty())
    co_return co_await finder_.find(import.specifier, import.referrer);
  // The isolate's own request, which no script can make.
  if (import.specifier == job_.module)
    co_return import.specifier;
  co_return fail(errc::internal, fmt::format("'{}' is imported by no module", import.specifier));
}

task<result<std::vector<module_source>>>
script_imports::answer(const std::vector<import_request>& imports) {
  std::vector<std::string> ids;
  for (auto& import : imports) {
    auto id = co_await find(import);
    if (!id)
      co_return fail(at_import(std::move(id.error()), import));
    if (*id == job_.module && data_module(*id) && !import.referrer.empty())
      co_return fail(
          at_import(fail(errc::cycle, fmt::format("'{}' imports itself", *id)).value(), import));
    ids.push_back(std::move(*id));
  }
  // What may not be imported is not even looked at, when its name tells.
  for (std::size_t i = 0; i < ids.size(); ++i)
    if (is_builtin(ids[i]) && !imports[i].referrer.empty())
      if (auto refused = graph_.add(imports[i], ids[i]))
        co_return fail(at_import(std::move(refused->why), refused->import, refused->importer));
  if (auto done = co_await load(imports, ids); !done)
    co_return fail(std::move(done.error()));
  std::vector<module_source> out;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    auto& module = loaded_.at(ids[i])->source;
    if (ids[i] == job_.module && imports[i].referrer.empty())
      graph_.enter(module.id, job_.context);
    else if (!is_builtin(module.id))
      if (auto refused = graph_.add(imports[i], module.id))
        co_return fail(at_import(std::move(refused->why), refused->import, refused->importer));
    out.push_back(module);
  }
  co_return out;
}

task<result<void>> script_imports::load(const std::vector<import_request>& imports,
                                        const std::vector<std::string>& ids) {
  std::vector<std::string> missing;
  std::vector<const import_request*> by;
  std::vector<key> keys;
  for (std::size_t i = 0; i < ids.size(); ++i)
    if (loaded_.try_emplace(ids[i]).second) {
      // The entry's own file is evaluated here, whatever it is to others.
      keys.push_back(imports[i].referrer.empty() ? module_key(ids[i]) : key_of_module(ids[i]));
      missing.push_back(ids[i]);
      by.push_back(&imports[i]);
    }
  auto answers = co_await ctx_.request_all(std::move(keys));
  error_list errors;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    auto& id = missing[i];
    auto failed = [&](error why) {
      loaded_.erase(id);
      errors.add(at_import(std::move(why), *by[i]));
    };
    if (!answers[i]) {
      failed(std::move(answers[i].error()));
    } else if (data_module(id) && !by[i]->referrer.empty()) {
      auto content = answers[i]->as<data_value>();
      if (content)
        loaded_[id] = as_module(id, (*content)->content);
      else
        failed(std::move(content.error()));
    } else if (auto module = answers[i]->as<module_value>()) {
      loaded_[id] = *module;
      loaded_.try_emplace((*module)->source.id, *module); // a symbolic link led there
    } else {
      failed(std::move(module.error()));
    }
  }
  if (!errors.empty())
    co_return fail(std::move(errors).merged());
  co_return result<void>{};
}

/// An import's failure at the place of the import, unless it has places of its own (a syntax error
/// in the imported file).
error script_imports::at_import(error why, const import_request& import,
                                std::optional<script_context> as) const {
  auto importer = loaded_.find(import.referrer);
  if (why.position || !why.causes.empty() || importer == loaded_.end())
    return why;
  why.position = place_of(import);
  why.frame =
      code_frame(importer->second->source.typescript, why.position->line, why.position->column);
  for (auto& [step, id] : graph_.chain(import.referrer, as))
    why.causes.push_back(
        error_at(errc::import_denied, fmt::format("'{}' is imported here", id), place_of(step)));
  return why;
}

source_position script_imports::place_of(const import_request& import) const {
  source_position out{import.referrer, 0, 0};
  if (auto importer = loaded_.find(import.referrer); importer != loaded_.end() && importer->second)
    for (auto& site : importer->second->imports)
      if (site.specifier == import.specifier) {
        out.line = site.line;
        out.column = site.column;
        break;
      }
  return out;
}

} // namespace zako
