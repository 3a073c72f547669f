// Verified traces: what a computation asked for, in order and in parallel groups, and how a kept
// one is checked again.
//
// While a node computes, a `trace_recorder` folds each group's output digests into the input digest
// and keeps the list of dependencies. Later the same keys are asked again, group by group, through
// a `trace_checker`: the first group with another digest ends the check, so that no key is ever
// asked that the computation would not ask. Of each dependency at most the first eight bytes of its
// digest are kept; the first half of the input digest decides in the end.
//
//   d0     = H("zako trace 1", kind name, kind version, key)
//   d(i+1) = H(d(i), number of digests in group i, the digests)      input digest = the last d
//
// Nothing here is thread-safe; everything is plain data owned by its holder.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "engine/digest.hpp"
#include "engine/half_digest.hpp"
#include "engine/key_id.hpp"
#include "engine/node_record.hpp"

namespace zako {

/// A trace in memory: one block, with four or twelve bytes a dependency. Movable only.
class trace {
public:
  /// Nothing; only good for assigning to.
  trace() = default;
  /// Of a record. `prefixes`: keeps the dependencies' output prefixes also where the check does not
  /// need them (in a single group the input digest says as much), for writing the record again.
  trace(const node_record& from, bool prefixes);

  [[nodiscard]] explicit operator bool() const { return block_ != nullptr; }
  [[nodiscard]] const half_digest& input() const { return head().input; }
  [[nodiscard]] std::size_t group_count() const { return head().groups; }
  /// All dependencies, in order.
  [[nodiscard]] std::span<const key_id> keys() const;
  /// How many of them each group has, unless there is only one group.
  [[nodiscard]] std::span<const std::uint32_t> group_sizes() const;
  /// As keys(); empty when they were left out.
  [[nodiscard]] std::span<const std::uint64_t> prefixes() const;

  /// The same dependencies in the same groups, with the same outputs.
  bool operator==(const trace& other) const;

  /// Writes groups, dependencies and input digest into a record. Only with prefixes.
  void to(node_record& out) const;

private:
  struct header {
    half_digest input;
    std::uint32_t groups = 0;
    std::uint32_t dependencies = 0; // twice their number, and one more with prefixes
  };
  [[nodiscard]] const header& head() const {
    return *reinterpret_cast<const header*>(block_.get());
  }
  [[nodiscard]] std::size_t count() const { return head().dependencies / 2; }

  // header, prefixes, keys, group sizes
  std::unique_ptr<std::byte[]> block_;
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
  trace_recorder(std::string_view kind_name, std::uint32_t kind_version, std::string_view key_text)
      : input_(kind_name, kind_version, key_text) {}

  /// One group was answered: `outputs[i]` is the output digest of `keys[i]` (of a value or of an
  /// error). An empty group is ignored.
  void answered(std::span<const key_id> keys, std::span<const digest> outputs);
  /// Moves groups, dependencies and input digest into a record.
  void finish(node_record& out);

private:
  std::vector<std::uint32_t> group_sizes_;
  std::vector<dependency> dependencies_;
  input_digest input_;
};

/// Checks a trace: ask for `next_group()`'s output digests, hand them to `answered()`, until it
/// says otherwise than `next`.
class trace_checker {
public:
  enum class verdict : std::uint8_t {
    next,    // equal so far; ask next_group()
    same,    // every group was equal: the kept outcome holds
    changed, // something differs: compute
  };

  /// `kept` must outlive the checker.
  trace_checker(std::string_view kind_name, std::uint32_t kind_version, std::string_view key_text,
                const trace& kept)
      : kept_(kept), input_(kind_name, kind_version, key_text) {}

  /// `next` when there is a group to ask; a trace without groups is decided at once.
  [[nodiscard]] verdict begin() const;
  /// The group to ask now. Only while the last verdict was `next`.
  [[nodiscard]] std::span<const key_id> next_group() const;
  /// The output digests of next_group(), in its order.
  verdict answered(std::span<const digest> outputs);

private:
  [[nodiscard]] verdict decide() const;

  const trace& kept_;
  std::size_t group_ = 0; // asked now, or next
  std::size_t first_ = 0; // its first dependency
  input_digest input_;
};

} // namespace zako
