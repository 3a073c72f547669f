// Output digests of values with volatile parts.
#include "engine/values.hpp"

#include <algorithm>
#include <numeric>

#include "engine/codec.hpp"
#include "engine/path.hpp"

namespace zako {

namespace {

output_file without_print(output_file x) {
  x.print = {};
  return x;
}

} // namespace

digest file_value::output_digest() const {
  auto x = *this;
  x.print = {};
  return digest_of(encode(x));
}

digest directory_value::output_digest() const {
  auto x = *this;
  x.print = {};
  return digest_of(encode(x));
}

digest which_value::output_digest() const {
  return digest_of(encode(path));
}

const package_entry* dependencies_value::holder_of(std::string_view path) const {
  const package_entry* found = nullptr;
  for (auto& package : packages)
    if (is_below(path, package.folder) && (!found || package.folder.size() > found->folder.size()))
      found = &package;
  return found;
}

digest option_value::output_digest() const {
  return digest_of(encode(content));
}

const action_declaration* target_value::maker_of(std::string_view path) const {
  auto path_at = [this](auto place) -> std::string_view {
    return actions[place.first].what.outputs[place.second];
  };
  auto found = std::lower_bound(
      by_output_.begin(), by_output_.end(), path,
      [&](auto place, std::string_view wanted) { return path_at(place) < wanted; });
  return found != by_output_.end() && path_at(*found) == path ? &actions[found->first] : nullptr;
}

void target_value::index_outputs() {
  by_output_.clear();
  for (std::uint32_t i = 0; i < actions.size(); ++i)
    for (std::uint32_t k = 0; k < actions[i].what.outputs.size(); ++k)
      by_output_.emplace_back(i, k);
  std::sort(by_output_.begin(), by_output_.end(), [this](auto a, auto b) {
    return actions[a.first].what.outputs[a.second] < actions[b.first].what.outputs[b.second];
  });
}

const target_declaration* evaluation_value::find(std::string_view name) const {
  auto found = std::lower_bound(by_name_.begin(), by_name_.end(), name,
                                [this](auto i, std::string_view x) { return targets[i].name < x; });
  return found != by_name_.end() && targets[*found].name == name ? &targets[*found] : nullptr;
}

void evaluation_value::index_names() {
  by_name_.resize(targets.size());
  std::iota(by_name_.begin(), by_name_.end(), 0u);
  std::sort(by_name_.begin(), by_name_.end(),
            [this](auto a, auto b) { return targets[a].name < targets[b].name; });
}

digest artifact_digest(const digest& content, bool executable) {
  return digest_of(encode(std::pair{content, executable}));
}

digest action_value::output_digest() const {
  std::vector<output_file> lasting;
  for (auto& file : outputs)
    lasting.push_back(without_print(file));
  return digest_of(encode(lasting));
}

digest test_value::output_digest() const {
  auto x = *this;
  x.run_ns = 0;
  return digest_of(encode(x));
}

} // namespace zako
