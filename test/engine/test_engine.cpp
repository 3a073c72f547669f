// The single-threaded engine.
#include "test/engine/test_engine.hpp"

#include <algorithm>
#include <stdexcept>

namespace zako::test {

/// The context of one computation: keeps what the coroutine awaits until `drive` answers it.
class test_engine::driver : public context {
public:
  driver(test_engine& engine, key self, std::optional<value> previous, std::uint32_t version)
      : engine_(engine), self_(std::move(self)), previous_(std::move(previous)),
        recorder_(self_.kind(), version, self_.text()) {}

  [[nodiscard]] const key& self() const override { return self_; }
  [[nodiscard]] const std::optional<value>& previous() const override { return previous_; }

  template <class T>
  T drive(task<T> work) {
    work.start();
    while (!work.done()) {
      if (auto requests = std::exchange(requests_, nullptr)) {
        std::vector<key_id> ids;
        std::vector<digest> digests;
        for (std::size_t i = 0; i < requests->keys.size(); ++i) {
          ids.push_back(engine_.id_of(requests->keys[i]));
          requests->answers[i] = engine_.ask(requests->keys[i]);
          digests.push_back(requests->answers[i].output());
        }
        recorder_.answered(ids, digests);
        requests->missing = 0;
        requests->waiter.resume();
      } else if (auto job = std::exchange(job_, nullptr)) {
        job->answer = engine_.world_.perform(job->what, session_);
        job->waiter.resume();
      } else {
        throw std::logic_error("a compute function awaits nothing");
      }
    }
    return work.take();
  }

  node_record finish() {
    node_record out;
    recorder_.finish(out);
    return out;
  }

protected:
  void ask(pending_requests& pending) override { requests_ = &pending; }
  void start(pending_job& pending) override { job_ = &pending; }

private:
  test_engine& engine_;
  key self_;
  std::optional<value> previous_;
  trace_recorder recorder_;
  script_session session_;
  pending_requests* requests_ = nullptr;
  pending_job* job_ = nullptr;
};

outcome test_engine::build(const key& root) {
  ++revision_;
  computed.clear();
  verified.clear();
  world_.ran.clear();
  world_.scripts_run.clear();
  world_.transpiled.clear();
  world_.stats = world_.contents_read = 0;
  return ask(root);
}

void test_engine::restart() {
  for (auto& [k, n] : nodes_) {
    n.revision = 0;
    n.current = value{};
    if (n.kept.stored && *n.kept.stored) {
      auto& v = **n.kept.stored;
      n.kept.stored = outcome(value::from_bytes(v.bytes(), v.output()));
    }
    auto bytes = encode(n.kept.recorded);
    n.kept.recorded = decode<node_record>(bytes).value();
  }
}

key_id test_engine::id_of(const key& k) {
  auto [at, added] = ids_.emplace(k, key_id{static_cast<std::uint32_t>(names_.size() + 1)});
  if (added)
    names_.push_back(k);
  return at->second;
}

bool test_engine::did_compute(const std::string& key_text) const {
  return std::find(computed.begin(), computed.end(), key_text) != computed.end();
}

std::optional<outcome> test_engine::verify(const key& k, const kind& row, const record& kept) {
  if (!kept.stored)
    return std::nullopt;
  trace recorded(kept.recorded, false);
  trace_checker checker(k.kind(), row.version, k.text(), recorded);
  auto verdict = checker.begin();
  while (verdict == trace_checker::verdict::next) {
    std::vector<digest> digests;
    for (auto& dependency : checker.next_group())
      digests.push_back(output_digest(ask(names_[dependency.number() - 1])));
    verdict = checker.answered(digests);
  }
  if (verdict == trace_checker::verdict::changed)
    return std::nullopt;
  if (!row.confirm)
    return kept.stored;
  driver d(*this, k, **kept.stored, row.version);
  auto confirmed = d.drive(row.confirm(d, **kept.stored));
  if (!confirmed)
    return std::nullopt;
  return outcome(std::move(*confirmed));
}

outcome test_engine::ask(const key& k) {
  auto& n = nodes_[k];
  if (n.revision == revision_)
    return n.current;
  if (n.busy) {
    std::string ring;
    for (auto at = std::find(path_.begin(), path_.end(), k); at != path_.end(); ++at)
      ring += at->text() + " -> ";
    return fail(errc::cycle, ring + k.text());
  }
  auto row = kinds_.find(k.kind());
  if (!row)
    return fail(errc::internal, "no kind " + std::string(k.kind()));
  n.busy = true;
  path_.push_back(k);
  if (auto good = verify(k, *row, n.kept)) {
    n.current = *good;
    n.kept.stored = *good;
    verified.push_back(k.text());
  } else {
    std::optional<value> previous;
    if (n.kept.stored && *n.kept.stored)
      previous = **n.kept.stored;
    driver d(*this, k, previous, row->version);
    n.current = d.drive(row->compute(d));
    if (n.current || (n.current.error().deterministic() && !row->confirm))
      n.kept = {n.current, d.finish()};
    computed.push_back(k.text());
  }
  path_.pop_back();
  n.busy = false;
  n.revision = revision_;
  return n.current;
}

} // namespace zako::test
