// Recording traces and checking them again.
#include "engine/trace.hpp"

#include <cassert>

#include "engine/codec.hpp"

namespace zako {

input_digest::input_digest(std::string_view kind_name, std::uint32_t kind_version,
                           std::string_view key_text) {
  std::string bytes = "zako trace 1\n";
  encoder f{bytes};
  f.apply(std::string(kind_name));
  f.apply(kind_version);
  f.apply(std::string(key_text));
  state_ = digest_of(bytes);
}

void input_digest::add(std::span<const digest> outputs) {
  std::string count;
  encoder f{count};
  f.apply(static_cast<std::uint64_t>(outputs.size()));
  hasher h;
  h.update(state_).update(count);
  for (auto& d : outputs)
    h.update(d);
  state_ = h.finish();
}

void trace_recorder::answered(std::span<const key> keys, std::span<const digest> outputs) {
  assert(keys.size() == outputs.size());
  if (keys.empty())
    return;
  trace_group group;
  group.reserve(keys.size());
  for (std::size_t i = 0; i < keys.size(); ++i)
    group.push_back({keys[i], outputs[i].prefix()});
  groups_.push_back(std::move(group));
  input_.add(outputs);
}

trace trace_recorder::finish() {
  trace out;
  out.groups = std::move(groups_);
  out.input = input_.get();
  groups_.clear();
  return out;
}

trace_checker::verdict trace_checker::begin() const {
  if (!stored_.groups.empty())
    return verdict::next;
  return input_.get() == stored_.input ? verdict::same : verdict::changed;
}

trace_checker::verdict trace_checker::answered(std::span<const digest> outputs) {
  assert(asked_ < stored_.groups.size());
  auto& group = stored_.groups[asked_];
  if (outputs.size() != group.size())
    return verdict::changed;
  for (std::size_t i = 0; i < group.size(); ++i)
    if (outputs[i].prefix() != group[i].prefix)
      return verdict::changed;
  input_.add(outputs);
  if (++asked_ < stored_.groups.size())
    return verdict::next;
  return input_.get() == stored_.input ? verdict::same : verdict::changed;
}

} // namespace zako
