// Verified traces: what a computation asked for, in order and in parallel groups, and how a stored
// one is checked again.
//
// While a node computes, a `trace_recorder` folds each group's output digests into the input digest
// and keeps the list of dependencies. A later process asks the same keys again, group by group,
// through a `trace_checker`: the first group with another digest ends the check, so that no key is
// ever asked that the computation would not ask. Only the first eight bytes of a digest are stored
// per dependency; the first half of the input digest decides in the end.
//
//   d0     = H("zako trace 1", kind name, kind version, key)
//   d(i+1) = H(d(i), number of digests in group i, the digests)      input digest = the last d
//
// Nothing here is thread-safe; everything is plain data owned by its holder.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/digest.hpp"
#include "engine/half_digest.hpp"
#include "engine/key.hpp"

namespace zako {

struct traced_dependency {
  key what;
  std::uint64_t prefix = 0; // digest::prefix() of its output

  bool operator==(const traced_dependency&) const = default;
};

/// One parallel group: asked at once, answered in any order. Never empty.
using trace_group = std::vector<traced_dependency>;

struct trace {
  std::vector<trace_group> groups;
  half_digest input;

  bool operator==(const trace&) const = default;
};

/// The input digest so far: 32 bytes, however many dependencies there are.
class input_digest {
public:
  input_digest(std::string_view kind_name, std::uint32_t kind_version, std::string_view key_text);
  /// Adds one group's output digests, in the order in which they were asked.
  void add(std::span<const digest> outputs);
  [[nodiscard]] const digest& get() const { return state_; }

private:
  digest state_;
};

/// Collects a trace while a node computes.
class trace_recorder {
public:
  trace_recorder(const key& self, std::uint32_t kind_version)
      : input_(self.kind(), kind_version, self.text()) {}

  /// One group was answered: `outputs[i]` is the output digest of `keys[i]` (of a value or of an
  /// error). An empty group is ignored.
  void answered(std::span<const key> keys, std::span<const digest> outputs);
  /// The trace so far; leaves the recorder empty.
  trace finish();

private:
  std::vector<trace_group> groups_;
  input_digest input_;
};

/// Checks a stored trace: ask for `next_group()`'s output digests, hand them to `answered()`, until
/// it says otherwise than `next`.
class trace_checker {
public:
  enum class verdict : std::uint8_t {
    next,    // equal so far; ask next_group()
    same,    // every group was equal: the stored outcome holds
    changed, // something differs: compute
  };

  /// `stored` must outlive the checker.
  trace_checker(const key& self, std::uint32_t kind_version, const trace& stored)
      : stored_(stored), input_(self.kind(), kind_version, self.text()) {}

  /// `next` when there is a group to ask; a trace without groups is decided at once.
  [[nodiscard]] verdict begin() const;
  /// The group to ask now. Only while the last verdict was `next`.
  [[nodiscard]] const trace_group& next_group() const { return stored_.groups[asked_]; }
  /// The output digests of next_group(), in its order.
  verdict answered(std::span<const digest> outputs);

private:
  const trace& stored_;
  std::size_t asked_ = 0;
  input_digest input_;
};

template <class Inspector>
bool inspect(Inspector& f, traced_dependency& x) {
  return f.object(x).fields(f.field("what", x.what), f.field("prefix", x.prefix));
}

template <class Inspector>
bool inspect(Inspector& f, trace& x) {
  return f.object(x).fields(f.field("groups", x.groups), f.field("input", x.input));
}

} // namespace zako
