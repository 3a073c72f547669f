// Recording traces and checking them again.
#include "engine/trace.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstring>
#include <new>
#include <string>

#include "engine/codec.hpp"

namespace zako {

trace::trace(const node_record& from, bool prefixes) {
  auto n = from.dependencies.size();
  auto groups = from.group_sizes.size();
  prefixes = prefixes || groups > 1;
  auto sizes = groups > 1 ? groups : 0;
  auto bytes =
      sizeof(header) + (prefixes ? 8 * n : 0) + sizeof(key_id) * n + sizeof(std::uint32_t) * sizes;
  block_ = std::make_unique_for_overwrite<std::byte[]>(bytes);
  auto* at = block_.get();
  new (at) header{from.input, static_cast<std::uint32_t>(groups),
                  static_cast<std::uint32_t>(2 * n + (prefixes ? 1 : 0))};
  at += sizeof(header);
  if (prefixes)
    for (auto& d : from.dependencies) {
      new (at) std::uint64_t(d.output_prefix);
      at += sizeof(std::uint64_t);
    }
  for (auto& d : from.dependencies) {
    new (at) key_id(d.key);
    at += sizeof(key_id);
  }
  for (std::size_t i = 0; i < sizes; ++i) {
    new (at) std::uint32_t(from.group_sizes[i]);
    at += sizeof(std::uint32_t);
  }
}

std::span<const std::uint64_t> trace::prefixes() const {
  auto* first = reinterpret_cast<const std::uint64_t*>(block_.get() + sizeof(header));
  return {first, head().dependencies % 2 != 0 ? count() : 0};
}

std::span<const key_id> trace::keys() const {
  return {reinterpret_cast<const key_id*>(block_.get() + sizeof(header) + prefixes().size_bytes()),
          count()};
}

std::span<const std::uint32_t> trace::group_sizes() const {
  auto* first = reinterpret_cast<const std::uint32_t*>(
      reinterpret_cast<const std::byte*>(keys().data()) + keys().size_bytes());
  return {first, head().groups > 1 ? head().groups : 0};
}

bool trace::operator==(const trace& other) const {
  auto a = keys(), b = other.keys();
  auto x = group_sizes(), y = other.group_sizes();
  return input() == other.input() && std::equal(a.begin(), a.end(), b.begin(), b.end()) &&
         std::equal(x.begin(), x.end(), y.begin(), y.end());
}

void trace::to(node_record& out) const {
  auto all = keys();
  assert(prefixes().size() == all.size() && "the prefixes were kept");
  out.input = input();
  out.dependencies.clear();
  for (std::size_t i = 0; i < all.size(); ++i)
    out.dependencies.push_back({all[i], prefixes()[i]});
  auto sizes = group_sizes();
  out.group_sizes.assign(sizes.begin(), sizes.end());
  if (group_count() == 1)
    out.group_sizes.push_back(static_cast<std::uint32_t>(all.size()));
}

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
  // Most groups are small: then one call with everything side by side is cheaper than a hasher.
  constexpr std::size_t small = 16;
  if (outputs.size() <= small) {
    std::array<char, sizeof(digest) * (small + 1) + 10> buffer;
    auto* end = buffer.data();
    auto append = [&end](const void* bytes, std::size_t size) {
      std::memcpy(end, bytes, size);
      end += size;
    };
    append(state_.bytes.data(), sizeof(digest));
    append(count.data(), count.size());
    for (auto& d : outputs)
      append(d.bytes.data(), sizeof(digest));
    state_ = digest_of({buffer.data(), static_cast<std::size_t>(end - buffer.data())});
    return;
  }
  hasher h;
  h.update(state_).update(count);
  for (auto& d : outputs)
    h.update(d);
  state_ = h.finish();
}

void trace_recorder::answered(std::span<const key_id> keys, std::span<const digest> outputs) {
  assert(keys.size() == outputs.size());
  if (keys.empty())
    return;
  group_sizes_.push_back(static_cast<std::uint32_t>(keys.size()));
  for (std::size_t i = 0; i < keys.size(); ++i)
    dependencies_.push_back({keys[i], outputs[i].prefix()});
  input_.add(outputs);
}

void trace_recorder::finish(node_record& out) {
  out.group_sizes = std::move(group_sizes_);
  out.dependencies = std::move(dependencies_);
  out.input = input_.get();
}

trace_checker::verdict trace_checker::decide() const {
  if (group_ < kept_.group_count())
    return verdict::next;
  return half_digest(input_.get()) == kept_.input() ? verdict::same : verdict::changed;
}

trace_checker::verdict trace_checker::begin() const {
  return decide();
}

std::span<const key_id> trace_checker::next_group() const {
  auto sizes = kept_.group_sizes();
  return kept_.keys().subspan(first_, sizes.empty() ? std::dynamic_extent : sizes[group_]);
}

trace_checker::verdict trace_checker::answered(std::span<const digest> outputs) {
  auto count = next_group().size();
  if (outputs.size() != count)
    return verdict::changed;
  auto prefixes = kept_.prefixes();
  for (std::size_t i = 0; i < prefixes.size() && i < count; ++i)
    if (outputs[i].prefix() != prefixes[first_ + i])
      return verdict::changed;
  input_.add(outputs);
  first_ += count;
  ++group_;
  return decide();
}

} // namespace zako
