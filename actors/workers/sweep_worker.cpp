// Reads records in place; runs the kinds' own `confirm` where their prints are not enough.
#include "actors/workers/sweep_worker.hpp"

#include <type_traits>

namespace zako {

namespace {

template <class Job>
constexpr bool is_io_job = std::is_constructible_v<io_pool::input, Job>;

/// Drives one `confirm` to its end on this thread. Its jobs are looks at the machine, done at once;
/// another job fails, and with it the confirmation: the node will do it.
class confirmation final : public context {
public:
  confirmation(const sweep_behaviour::context& shared, key self) : self_(std::move(self)) {
    (void)io_.init(shared.machine); // it cannot fail
  }

  std::optional<value> run(const kind& row, value previous) {
    previous_ = previous;
    auto work = row.confirm(*this, std::move(previous));
    work.start();
    while (!work.done()) {
      auto* job = std::exchange(job_, nullptr);
      if (!job)
        return std::nullopt; // it waits for a node, which a confirmation may not
      perform(*job);
      job->waiter.resume();
    }
    return work.take();
  }

private:
  [[nodiscard]] const key& self() const override { return self_; }
  [[nodiscard]] const std::optional<value>& previous() const override { return previous_; }
  void ask(pending_requests&) override {}
  void start(pending_job& pending) override { job_ = &pending; }

  void perform(pending_job& pending) {
    auto perform_one = [&]<class Job>(Job& what) {
      if constexpr (is_io_job<Job>) {
        auto done = io_.perform(std::move(what));
        if (done)
          pending.answer = std::visit([](auto& x) { return job_answer{std::move(x)}; }, *done);
        else
          pending.answer = tl::unexpected(std::move(done.error()));
      } else {
        pending.answer = fail(errc::internal, "not while the leaves are swept");
      }
    };
    std::visit(perform_one, pending.what);
  }

  io_behaviour io_;
  key self_;
  std::optional<value> previous_;
  pending_job* job_ = nullptr;
};

/// The kind table, where neighbours are mostly of one kind.
class kind_finder {
public:
  explicit kind_finder(const kind_table& table) : table_(table) {}

  /// Null when nobody registered the kind of this key.
  const kind* of(std::string_view key_text) {
    if (!last_ || !key_text.starts_with(last_->name) || key_text.size() == last_->name.size() ||
        key_text[last_->name.size()] != ':')
      last_ = table_.find(key_text.substr(0, key_text.find(':')));
    return last_;
  }

private:
  const kind_table& table_;
  const kind* last_ = nullptr;
};

} // namespace

result<sweep_pool::output> sweep_behaviour::process(sweep_pool::input&& job, const job_control&) {
  if (auto* x = std::get_if<scan_records>(&job))
    return scan(*x);
  return look(std::get<look_at_leaves>(job));
}

scanned_records sweep_behaviour::scan(const scan_records& job) const {
  scanned_records out;
  auto rows = shared_.names->size() / job.parts + 1;
  out.rows.reserve(rows);
  out.edges.reserve(3 * rows);
  kind_finder kinds{*shared_.kinds};
  shared_.records->scan(job.part, job.parts, [&](key_id id, const record_view& record) {
    auto* row = kinds.of(shared_.names->text(id));
    if (!row || row->version != record.kind_version())
      return;
    auto first = out.edges.size();
    auto sound = record.dependencies([&](const dependency& d, bool ends_group) {
      out.edges.push_back({d.output_prefix, d.key, ends_group});
    });
    if (!sound)
      return out.edges.resize(first);
    out.rows.push_back({id, static_cast<std::uint32_t>(out.edges.size() - first),
                        record.output_prefix(), static_cast<bool>(row->confirm), row->counted});
  });
  return out;
}

looked_at_leaves sweep_behaviour::look(const look_at_leaves& job) const {
  looked_at_leaves out;
  std::vector<leaf_output> doubtful;
  auto files = shared_.machine.files->looks();
  kind_finder kinds{*shared_.kinds};
  auto same = true;
  std::function<void(const file_print&)> show = [&](const file_print& x) {
    same = same && files->unchanged(x);
  };
  std::vector<key_id> keys;
  keys.reserve(job.leaves.size());
  for (auto& known : job.leaves)
    keys.push_back(known.leaf);
  auto next = job.leaves.begin();
  shared_.records->visit(keys, [&](key_id id, const record_view& record) {
    for (; next->leaf != id; ++next)
      out.changed.push_back(next->leaf); // its record is damaged
    auto& known = *next++;
    auto text = shared_.names->text(id);
    auto* row = kinds.of(text);
    same = row->prints && !record.failed() && record.output_prefix() == known.prefix;
    if (!same || !row->prints(text.substr(row->name.size() + 1), record.value_bytes(), show) ||
        !same)
      doubtful.push_back(known);
  });
  for (; next != job.leaves.end(); ++next)
    out.changed.push_back(next->leaf);
  for (auto& known : doubtful)
    confirm(known, out);
  return out;
}

void sweep_behaviour::confirm(const leaf_output& known, looked_at_leaves& out) const {
  auto leaf = known.leaf;
  auto record = shared_.records->load(leaf);
  if (!record || record->failure || record->output.prefix() != known.prefix)
    return out.changed.push_back(leaf);
  auto self = key::from_text(std::string(shared_.names->text(leaf)));
  auto* row = shared_.kinds->find(self.kind());
  auto kept = confirmation{shared_, std::move(self)}.run(
      *row, value::from_bytes(record->value_bytes, record->output));
  if (!kept || kept->output() != record->output)
    return out.changed.push_back(leaf);
  if (kept->bytes() != record->value_bytes) {
    record->value_bytes = kept->bytes();
    out.refreshed.emplace_back(leaf, std::move(*record));
  }
}

} // namespace zako
