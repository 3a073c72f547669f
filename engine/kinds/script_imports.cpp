// Imports of a run, through module nodes.
#include "engine/kinds/script_imports.hpp"

#include <set>

#include <fmt/format.h>

#include "engine/imports.hpp"
#include "engine/kinds/common.hpp"
#include "engine/script.hpp"

namespace zako {

namespace {

key key_of_data(const std::string& id) {
  return data_module(id) == script_context::config ? config_key(id) : toolchain_key(id);
}

error late_data(const std::string& id) {
  return fail(errc::import_denied,
              fmt::format("'{}' is run before this script, and cannot be imported by import()", id),
              "import it statically, in a module that is imported statically")
      .value();
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

task<result<void>> script_imports::prepare() {
  std::vector<import_request> level(1);
  level[0].specifier = job_.module;
  while (!level.empty()) {
    auto ids = co_await find(level);
    if (!ids)
      co_return fail(std::move(ids.error()));
    std::vector<import_request> imports;
    std::vector<std::string> files;
    std::set<std::string> fresh;
    for (std::size_t i = 0; i < level.size(); ++i) {
      if (is_builtin((*ids)[i]))
        continue;
      if (level[i].referrer.empty() || !loaded_.contains((*ids)[i])) // the entry may lie in no file
        fresh.insert((*ids)[i]);
      imports.push_back(std::move(level[i]));
      files.push_back(std::move((*ids)[i]));
    }
    if (auto done = co_await load(imports, files); !done)
      co_return fail(std::move(done.error()));
    level.clear();
    for (auto& id : fresh)
      for (auto& site : loaded_.at(id)->imports)
        if (!site.dynamic)
          level.push_back({site.specifier, loaded_.at(id)->source.id});
  }
  prepared_ = true;
  co_return result<void>{};
}

task<result<std::vector<module_source>>>
script_imports::answer(const std::vector<import_request>& imports) {
  auto ids = co_await find(imports);
  if (!ids)
    co_return fail(std::move(ids.error()));
  if (auto done = co_await load(imports, *ids); !done)
    co_return fail(std::move(done.error()));
  std::vector<module_source> out;
  for (auto& id : *ids)
    out.push_back(loaded_.at(id)->source);
  co_return out;
}

task<result<std::vector<std::string>>>
script_imports::find(const std::vector<import_request>& imports) {
  std::vector<std::string> ids;
  for (auto& import : imports) {
    if (import.referrer.empty()) {
      // The isolate's own requests, which no script can make.
      if (import.specifier != job_.module)
        co_return fail(errc::internal,
                       fmt::format("'{}' is imported by no module", import.specifier));
      ids.push_back(import.specifier);
      continue;
    }
    auto id = co_await finder_.find(import.specifier, import.referrer);
    if (!id)
      co_return fail(at_import(std::move(id.error()), import));
    if (is_builtin(*id))
      if (auto refused = graph_.add(import, *id))
        co_return fail(at_import(std::move(refused->why), refused->import, refused->importer));
    if (*id == job_.module && data_module(*id))
      co_return fail(
          at_import(fail(errc::cycle, fmt::format("'{}' imports itself", *id)).value(), import));
    ids.push_back(std::move(*id));
  }
  co_return ids;
}

task<result<void>> script_imports::load(const std::vector<import_request>& imports,
                                        const std::vector<std::string>& ids) {
  // The entry's own file is evaluated here, whatever it is to others.
  auto as_data = [&](std::size_t i) {
    return data_module(ids[i]).has_value() && !imports[i].referrer.empty();
  };
  std::vector<std::size_t> missing;
  std::vector<key> keys;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (as_data(i) && prepared_ && !loaded_.contains(ids[i]))
      co_return fail(at_import(late_data(ids[i]), imports[i]));
    if (!loaded_.try_emplace(ids[i]).second)
      continue;
    keys.push_back(as_data(i) ? key_of_data(ids[i]) : module_key(ids[i]));
    missing.push_back(i);
  }
  auto answers = co_await ctx_.request_all(std::move(keys));
  error_list errors;
  for (std::size_t n = 0; n < answers.size(); ++n) {
    auto i = missing[n];
    if (auto kept = keep(ids[i], as_data(i), answers[n]); !kept) {
      loaded_.erase(ids[i]);
      errors.add(at_import(std::move(kept.error()), imports[i]));
    }
  }
  if (!errors.empty())
    co_return fail(std::move(errors).merged());
  for (std::size_t i = 0; i < ids.size(); ++i) {
    auto& id = loaded_.at(ids[i])->source.id;
    if (ids[i] == job_.module && imports[i].referrer.empty())
      graph_.enter(id, job_.context);
    else if (!is_builtin(id))
      if (auto refused = graph_.add(imports[i], id))
        co_return fail(at_import(std::move(refused->why), refused->import, refused->importer));
  }
  co_return result<void>{};
}

result<void> script_imports::keep(const std::string& id, bool as_data, const outcome& answer) {
  if (!answer)
    return fail(answer.error());
  if (as_data) {
    auto content = answer->as<data_value>();
    if (!content)
      return fail(std::move(content.error()));
    loaded_[id] = as_module(id, (*content)->content);
    return {};
  }
  auto module = answer->as<module_value>();
  if (!module)
    return fail(std::move(module.error()));
  loaded_[id] = *module;
  loaded_.try_emplace((*module)->source.id, *module); // a symbolic link led there
  return {};
}

/// An import's failure at the place of the import, unless it has places of its own (a syntax error
/// in the imported file).
error script_imports::at_import(error why, const import_request& import,
                                std::optional<script_context> as) const {
  auto importer = loaded_.find(import.referrer);
  if (why.position || !why.causes.empty() || importer == loaded_.end())
    return why;
  if (auto where = place_of(import); where.line != 0) { // an import()'s is known where it runs
    why.position = where;
    why.frame = code_frame(importer->second->source.typescript, where.line, where.column);
  }
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
