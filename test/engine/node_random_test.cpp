// Nodes under a random scheduler of messages: random graphs, edits, cancels, failures, sleep and
// restarts, compared with a naive answer. One thread, no clock: a seed is a sequence.
//
//   ZAKO_RANDOM_SEQUENCES=1000000  how many sequences (100,000 by default)
//   ZAKO_RANDOM_SEED=17            the first seed (1 by default); with ZAKO_RANDOM_SEQUENCES=1 it
//   is
//                                  the way to run a failed one again
#include <algorithm>
#include <array>
#include <cstdlib>
#include <deque>
#include <map>
#include <memory>
#include <stdexcept>

#include <catch2/catch.hpp>

#include "engine/node_core.hpp"
#include "test/engine/random_graph.hpp"

using namespace zako;
using namespace zako::test;

namespace {

void must(bool holds, const std::string& what) {
  if (!holds)
    throw std::runtime_error(what);
}

/// A message on its way. Addresses: nodes from 0, then sessions, then the world.
struct letter {
  enum class type : std::uint8_t { question, drop, reply, credit, job_done } what = type::question;
  int from = 0;
  question_to_node asked;
  bool gentle = false;
  digest output;
  shared_outcome answer;
  std::uint32_t ticket = 0;
  bool program = false;
};

struct session {
  std::uint64_t revision = 0;
  int root = 0;
  bool open = false;    // asked, neither answered nor withdrawn
  bool tainted = false; // the world has changed since it asked
};

class machine : random_graph::watcher {
public:
  explicit machine(unsigned seed)
      : random_(seed), graph_(random_), kinds_(graph_.kinds(*this)), stores_(chance(2)) {
    auto n = static_cast<std::size_t>(graph_.size());
    nodes_.resize(n);
    records_.resize(n);
    memory_.resize(n);
    fresh_.resize(n);
    running_.resize(n);
    runs_.resize(n);
    withdrawn_.resize(n);
    channels_.resize((n + most_sessions + 1) * (n + most_sessions + 1));
  }

  void run() {
    for (auto steps = 3 + pick(3); steps > 0; --steps) {
      if (!chance(4))
        deliver(-1);
      for (auto edits = pick(3); edits > 0; --edits)
        edit();
      ++revision_;
      for (auto& x : runs_)
        x = 0;
      disturbed_ = any_open() || !waiting_.empty();
      for (auto n = 1 + pick(2); n > 0; --n)
        open_session();
      if (chance(2)) {
        deliver(pick(30));
        if (chance(2))
          withdraw();
        if (chance(4))
          edit();
      }
      if (chance(3)) {
        deliver(-1);
        sleep();
      } else if (chance(5))
        restart();
    }
    deliver(-1);
  }

private:
  friend struct port;
  static constexpr int most_sessions = 8;

  struct port {
    using asker = int;
    using worker = int;
    machine& m;
    int self;

    std::string_view text(key_id id) { return m.graph_.text(node(id)); }
    key_id id_of(const std::string& text) {
      return key_id(static_cast<std::uint32_t>(random_graph::node_of(key::from_text(text)) + 1));
    }
    const kind* find_kind(std::string_view name) { return m.kinds_.find(name); }
    bool stores() { return m.stores_; }
    void ask(key_id target, const question_to_node& what) {
      letter x;
      x.asked = what;
      m.send(self, node(target), std::move(x));
    }
    void drop(key_id target, std::uint32_t slot, bool gentle) {
      m.send_drop(self, node(target), slot, gentle);
    }
    void answer(int who, std::uint32_t slot, const shared_outcome& what, bool want_value) {
      letter x;
      x.what = letter::type::reply;
      x.asked.slot = slot;
      x.output = what.output();
      if (want_value || !what.good())
        x.answer = what;
      m.send(self, who, std::move(x));
    }
    void offer(std::uint32_t ticket, const job& what, const job_context& about) {
      must(about.span != 0, "a job without its submitter's span");
      letter x;
      x.what = letter::type::credit;
      x.ticket = ticket;
      x.program = std::holds_alternative<command_job>(what);
      m.send(m.world(), self, std::move(x));
    }
    void start(std::uint32_t ticket, job&& what, const job_context&) {
      m.complain(m.withdrawn_[static_cast<std::size_t>(self)] == ticket,
                 "a job was sent after it was cancelled");
      letter x;
      x.what = letter::type::job_done;
      x.ticket = ticket;
      x.program = std::holds_alternative<command_job>(what);
      if (x.program) {
        m.complain(m.running_[static_cast<std::size_t>(self)],
                   "two programs of one node run at once");
        m.running_[static_cast<std::size_t>(self)] = true;
      }
      m.send(m.world(), self, std::move(x));
    }
    void resume(int, std::uint32_t, resume_job&&) { must(false, "no script waits"); }
    void cancel(std::uint32_t ticket, const job& what, const char*, bool gentle) {
      bool offered = false;
      for (auto& x : m.channel(m.world(), self)) {
        if (x.ticket != ticket)
          continue;
        m.complain(x.program != std::holds_alternative<command_job>(what),
                   "a job was cancelled as another one");
        if (x.what == letter::type::credit) {
          // The credit was on its way when the pool read this: both come.
          offered = true;
        } else if (x.program && (!gentle || m.chance(2))) {
          x.gentle = true; // here: it was stopped
        }
      }
      if (!offered || m.withdrawn_[static_cast<std::size_t>(self)] == ticket)
        return;
      m.withdrawn_[static_cast<std::size_t>(self)] = ticket;
      letter x;
      x.what = letter::type::job_done;
      x.ticket = ticket;
      x.program = std::holds_alternative<command_job>(what);
      x.gentle = true;
      m.send(m.world(), self, std::move(x));
    }
    void release(std::uint32_t, const char*) {}
    void save(key_id id, const node_record& record) {
      m.records_[static_cast<std::size_t>(node(id))] = encode(record);
    }
    void began() {}
    void wanted() {}
    void done(bool, bool) {}
    void step_done(bool, const shared_outcome&, const job_origin&) {}

    static int node(key_id id) { return static_cast<int>(id.number()) - 1; }
  };

  // -- chance
  unsigned pick(unsigned below) { return static_cast<unsigned>(random_() % below); }
  bool chance(unsigned one_in) { return pick(one_in) == 0; }

  // -- messages: any order between channels, in order within one
  [[nodiscard]] int world() const { return graph_.size() + most_sessions; }
  std::deque<letter>& channel(int from, int to) {
    return channels_[static_cast<std::size_t>(from * (world() + 1) + to)];
  }
  void send(int from, int to, letter x) {
    x.from = from;
    auto& queue = channel(from, to);
    if (queue.empty())
      waiting_.emplace_back(from, to);
    queue.push_back(std::move(x));
  }
  void send_drop(int from, int to, std::uint32_t slot, bool gentle) {
    letter x;
    x.what = letter::type::drop;
    x.asked.slot = slot;
    x.gentle = gentle;
    send(from, to, std::move(x));
  }

  /// So many messages, or, below 0, all.
  void deliver(int most) {
    for (int n = 0; n != most && !waiting_.empty(); ++n) {
      must(n < 100'000, "the messages never end");
      auto i = pick(static_cast<unsigned>(waiting_.size()));
      auto [from, to] = waiting_[i];
      auto& queue = channel(from, to);
      auto x = std::move(queue.front());
      queue.pop_front();
      if (queue.empty()) {
        waiting_[i] = waiting_.back();
        waiting_.pop_back();
      }
      if (to < graph_.size())
        to_node(to, x);
      else
        to_session(sessions_[static_cast<std::size_t>(to - graph_.size())], x);
      must(complaint_.empty(), complaint_);
    }
    if (waiting_.empty())
      must(!any_open(), "a question was never answered");
  }

  node_core<port>& node(port& out) {
    auto i = static_cast<std::size_t>(out.self);
    if (!nodes_[i]) {
      withdrawn_[i] = 0; // another actor, which counts anew
      nodes_[i] = std::make_unique<node_core<port>>(key_id(static_cast<std::uint32_t>(i + 1)));
      if (stores_ && !records_[i].empty())
        nodes_[i]->recall(out, *decode<node_record>(records_[i]));
    }
    return *nodes_[i];
  }

  void to_node(int to, letter& x) {
    port out{*this, to};
    switch (x.what) {
    case letter::type::question:
      return node(out).on_question(out, x.from, x.asked);
    case letter::type::drop:
      return node(out).on_drop(out, x.from, x.asked.slot, x.gentle);
    case letter::type::reply:
      return node(out).on_reply(out, x.asked.slot, x.output, std::move(x.answer));
    case letter::type::credit:
      return node(out).on_credit(out, x.ticket);
    case letter::type::job_done:
      if (x.program)
        running_[static_cast<std::size_t>(to)] = false;
      if (x.gentle)
        node(out).on_job_result(out, x.ticket, x.program, fail(errc::cancelled, "stopped"), 0,
                                false);
      else if (x.program)
        node(out).on_job_result(out, x.ticket, true, job_answer{command_job::answer{}}, 0, false);
      else
        node(out).on_job_result(out, x.ticket, false, job_answer{graph_.look(to)}, 0, false);
    }
  }

  // -- sessions
  [[nodiscard]] bool any_open() const {
    return std::any_of(sessions_.begin(), sessions_.end(), [](auto& x) { return x.open; });
  }
  void open_session() {
    for (std::size_t i = 0; i < sessions_.size(); ++i)
      if (auto& x = sessions_[i]; !x.open) {
        x = {revision_, static_cast<int>(pick(static_cast<unsigned>(graph_.size()))), true, false};
        letter q;
        q.asked.slot = ++slot_;
        q.asked.revision = revision_;
        slots_[i] = slot_;
        return send(graph_.size() + static_cast<int>(i), x.root, std::move(q));
      }
  }
  void withdraw() {
    auto i = pick(most_sessions);
    if (!sessions_[i].open)
      return;
    disturbed_ = true;
    sessions_[i].open = false;
    send_drop(graph_.size() + static_cast<int>(i), sessions_[i].root, slots_[i], chance(2));
  }
  void to_session(session& x, letter& answer) {
    if (!x.open || answer.asked.slot != slots_[static_cast<std::size_t>(&x - sessions_.data())])
      return; // it had been withdrawn
    x.open = false;
    if (x.tainted)
      return;
    auto got = random_graph::ending_of(answer.answer.get());
    must(got == graph_.naive(x.root), "another answer than the naive one for " +
                                          graph_.text(x.root) + " at revision " +
                                          std::to_string(x.revision));
  }

  void edit() {
    graph_.edit(random_);
    for (auto& x : sessions_)
      x.tainted = x.open;
    if (any_open())
      disturbed_ = true;
  }

  /// Nodes that have nothing to do leave memory; a question on its way keeps its node.
  void sleep() {
    for (int i = 0; i < graph_.size(); ++i) {
      auto& x = nodes_[static_cast<std::size_t>(i)];
      port out{*this, i};
      if (x && x->may_sleep(out))
        x.reset();
    }
  }

  /// What a new process sees: records as bytes, nothing else.
  void restart() {
    for (auto& x : nodes_)
      x.reset();
    for (auto [from, to] : waiting_)
      channel(from, to).clear();
    waiting_.clear();
    for (auto& x : sessions_)
      x.open = false;
    std::fill(running_.begin(), running_.end(), false);
    if (!stores_)
      for (auto& x : memory_)
        x.reset();
  }

  // -- what computes, and whether it had to; no exception may leave a coroutine
  void complain(bool when, const std::string& what) {
    if (when && complaint_.empty())
      complaint_ = what;
  }
  void began(int node) override {
    auto i = static_cast<std::size_t>(node);
    fresh_[i].clear();
    ++runs_[i];
    if (disturbed_)
      return;
    complain(runs_[i] > 1, graph_.text(node) + " was computed twice at one revision");
    if (!memory_[i])
      return;
    bool differs = graph_.is_leaf(node) && graph_.naive(node) != leaf_memory(node);
    for (auto& [dependency, what] : *memory_[i])
      differs = differs || graph_.naive(dependency) != what;
    complain(!differs, graph_.text(node) + " was computed, and nothing it had seen was changed");
  }
  void saw(int node, int dependency, const ending& what) override {
    fresh_[static_cast<std::size_t>(node)].emplace_back(dependency, what);
  }
  void ended(int node, bool kept) override {
    auto i = static_cast<std::size_t>(node);
    if (!kept)
      return;
    memory_[i] = fresh_[i];
    if (graph_.is_leaf(node))
      leaves_[node] = graph_.naive(node);
  }
  [[nodiscard]] ending leaf_memory(int node) const { return leaves_.at(node); }

  std::mt19937 random_;
  random_graph graph_;
  kind_table kinds_;
  bool stores_;
  std::uint64_t revision_ = 0;
  std::uint32_t slot_ = 0;
  bool disturbed_ = false; // at this revision something was withdrawn, was under way before, or saw
                           // another world
  std::vector<std::unique_ptr<node_core<port>>> nodes_;
  std::vector<std::string> records_; // as a database keeps them
  std::array<session, most_sessions> sessions_;
  std::array<std::uint32_t, most_sessions> slots_{};
  std::vector<std::deque<letter>> channels_;
  std::vector<std::pair<int, int>> waiting_; // channels with messages
  using seen = std::vector<std::pair<int, ending>>;
  std::vector<std::optional<seen>> memory_; // what each node saw when it was computed and kept
  std::vector<seen> fresh_;
  std::map<int, ending> leaves_;
  std::vector<bool> running_;
  std::vector<int> runs_;                // computations at this revision
  std::vector<std::uint32_t> withdrawn_; // the last ticket that was cancelled before it was sent
  std::string complaint_;
};

unsigned number_from(const char* variable, unsigned otherwise) {
  auto* text = std::getenv(variable);
  return text ? static_cast<unsigned>(std::strtoul(text, nullptr, 10)) : otherwise;
}

} // namespace

TEST_CASE("nodes answer what a naive engine answers, and compute nothing in vain", "[random]") {
  auto first = number_from("ZAKO_RANDOM_SEED", 1);
  auto count = number_from("ZAKO_RANDOM_SEQUENCES", 100'000);
  for (auto seed = first; seed - first < count; ++seed)
    try {
      machine(seed).run();
    } catch (const std::exception& e) {
      FAIL("ZAKO_RANDOM_SEED=" << seed << " ZAKO_RANDOM_SEQUENCES=1: " << e.what());
    }
  WARN("seeds " << first << " to " << first + count - 1);
}
