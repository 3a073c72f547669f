// The codec: every job, answer, event and value there and back, one encoding per value, and no
// crash on any bytes.
#include <random>

#include <catch2/catch.hpp>

#include "engine/codec.hpp"
#include "engine/event.hpp"
#include "engine/key.hpp"
#include "engine/label.hpp"
#include "engine/node_record.hpp"
#include "engine/value.hpp"
#include "engine/values.hpp"

using namespace zako;

namespace {

/// Fills an object with numbers and texts that all differ: an inspector like any other.
class filler : public detail::codec_syntax<filler> {
public:
  static constexpr bool is_loading = true;

  template <class T>
  requires std::integral<T>
  bool apply(T& x) {
    x = std::same_as<T, bool> ? T(1) : static_cast<T>(++count_ % 100);
    return true;
  }
  bool apply(double& x) {
    x = ++count_ + 0.5;
    return true;
  }
  bool apply(std::string& x) {
    x = "text" + std::to_string(++count_);
    return true;
  }
  template <class T>
  bool apply(std::vector<T>& xs) {
    if (depth_ > 3)
      return true;
    xs.resize(2);
    ++depth_;
    bool ok = apply(xs[0]) && apply(xs[1]);
    --depth_;
    return ok;
  }
  template <class T, std::size_t N>
  bool apply(std::array<T, N>& xs) {
    for (auto& x : xs)
      apply(x);
    return true;
  }
  template <class K, class V>
  bool apply(std::map<K, V>& xs) {
    std::pair<K, V> x{};
    apply(x.first);
    apply(x.second);
    xs.insert(x);
    return true;
  }
  template <class A, class B>
  bool apply(std::pair<A, B>& x) {
    return apply(x.first) && apply(x.second);
  }
  template <class T>
  bool apply(std::optional<T>& x) {
    return apply(x.emplace());
  }
  bool apply(data& x) {
    x = data(data::object{{"n", 1.5}, {"list", data::array{true, nullptr, "x"}}});
    return true;
  }
  bool apply(errc& x) {
    x = errc::script;
    return true;
  }
  bool apply(file_type& x) {
    x = file_type::folder;
    return true;
  }
  bool apply(script_context& x) {
    x = script_context::rule;
    return true;
  }
  template <class T>
  requires std::is_class_v<T>
  bool apply(T& x) { return inspect(*this, x); }
  template <class Get, class Set>
  bool apply(Get&& get, Set&& set) {
    std::remove_cvref_t<decltype(get())> x{};
    return apply(x) && set(std::move(x));
  }

private:
  int count_ = 0;
  int depth_ = 0;
};

template <class T>
void there_and_back() {
  T x{};
  filler f;
  f.apply(x);
  auto bytes = encode(x);
  auto y = decode<T>(bytes);
  REQUIRE(y);
  CHECK(encode(*y) == bytes);
  CHECK(bytes != encode(T{}));
  if constexpr (std::equality_comparable<T>)
    CHECK(*y == x);
  // No prefix and no longer text is an encoding.
  for (std::size_t n = 0; n < bytes.size(); ++n)
    CHECK_FALSE(decode<T>(std::string_view(bytes).substr(0, n)));
  CHECK_FALSE(decode<T>(bytes + '\0'));
}

template <class... Ts>
void all_there_and_back() {
  (there_and_back<Ts>(), ...);
}

/// Decoding random and damaged bytes gives nothing, or a value whose encoding is those bytes.
template <class T>
void robust(std::mt19937& random) {
  T x{};
  filler f;
  f.apply(x);
  auto good = encode(x);
  for (int i = 0; i < 2000; ++i) {
    auto bytes = good;
    for (int n = 1 + static_cast<int>(random() % 4); n > 0; --n)
      bytes[random() % bytes.size()] = static_cast<char>(random());
    if (random() % 4 == 0)
      for (auto& c : bytes)
        c = static_cast<char>(random() % 8);
    if (auto y = decode<T>(bytes))
      CHECK(encode(*y) == bytes);
  }
}

} // namespace

TEST_CASE("jobs and answers survive their bytes") {
  all_there_and_back<fingerprint, stat_job, stat_job::answer, list_job, list_job::answer, read_job,
                     environment_job, option_job, which_job, builtin_job, builtin_job::answer,
                     output_file, restore_job, transpile_job, transpile_job::answer, module_source,
                     evaluate_job, script_query, script_reply, script_step, evaluate_job::answer,
                     resume_job, command, command_job, command_job::answer>();
}

TEST_CASE("events survive their bytes") {
  all_there_and_back<action_started, action_finished, progress, script_printed>();
}

TEST_CASE("values survive their bytes") {
  all_there_and_back<file_value, directory_value, environment_value, which_value, probe_value,
                     paths_value, option_declaration, manifest_value, package_entry,
                     dependencies_value, option_value, data_value, module_value, target_declaration,
                     evaluation_value, target_place, places_value, file_reference,
                     action_declaration, test_declaration, target_value, artifact_value,
                     action_value, labels_value, analysis_value, built_target, build_value,
                     test_value, test_row, tests_value>();
}

TEST_CASE("a target with many actions names each path once") {
  target_value x;
  for (int i = 0; i < 100; ++i) {
    auto number = std::to_string(i);
    action_declaration a;
    a.title = "Mix " + number;
    a.what.outputs = {"zako-out/some/folder/" + number, "zako-out/some/folder/" + number + ".d"};
    a.what.argv = {"/usr/bin/mix", a.what.outputs[0], "zako-out/some/other/" + number};
    a.what.env = {{"PATH", "/usr/bin"}};
    a.inputs = {{"zako-out/some/other/" + number, "//some:other"}};
    x.files.push_back({a.what.outputs[0], "//some:folder"});
    x.actions.push_back(std::move(a));
  }
  x.index_outputs();
  auto bytes = encode(x);
  CHECK(bytes.size() < 100 * 60);
  auto back = decode<target_value>(bytes);
  REQUIRE(back);
  CHECK(*back == x);
  for (auto* y : {&x, &*back}) {
    CHECK(y->maker_of("zako-out/some/folder/7.d") == &y->actions[7]);
    CHECK(y->maker_of("zako-out/some/folder/99") == &y->actions[99]);
    CHECK_FALSE(y->maker_of("zako-out/some/folder"));
  }
  auto pooled = encode_pooled(x.actions);
  using actions = std::vector<action_declaration>;
  CHECK(decode_pooled<actions>(pooled) == x.actions);
  for (std::size_t size = 0; size < pooled.size(); ++size)
    CHECK_FALSE(decode_pooled<actions>(pooled.substr(0, size)));
  CHECK_FALSE(decode_pooled<actions>(pooled + '\0'));
}

TEST_CASE("an error and its causes survive their bytes") {
  error e = error_at(errc::script, "outer", {"BUILD.ts", 3, 7}, "help");
  e.causes.push_back(error_at(errc::io, "inner", {"", 0, 0}));
  CHECK(decode<error>(encode(e)) == e);
}

TEST_CASE("integers have one encoding") {
  for (std::int64_t x : {0ll, 1ll, -1ll, 63ll, 64ll, -64ll, -65ll, 1ll << 40, -(1ll << 40)})
    CHECK(decode<std::int64_t>(encode(x)) == x);
  CHECK(decode<std::int64_t>(encode(std::numeric_limits<std::int64_t>::min())) ==
        std::numeric_limits<std::int64_t>::min());
  CHECK(decode<std::uint64_t>(encode(~0ull)) == ~0ull);
  CHECK_FALSE(decode<std::uint64_t>(std::string("\x80\x00", 2)));
  CHECK_FALSE(decode<std::uint32_t>(encode(1ull << 32)));
  CHECK_FALSE(decode<bool>("\x02"));
}

TEST_CASE("maps and sets with unordered or doubled keys are refused") {
  using strings = std::vector<std::pair<std::string, std::string>>;
  using map = std::map<std::string, std::string>;
  CHECK(decode<map>(encode(strings{{"a", "1"}, {"b", "2"}})));
  CHECK_FALSE(decode<map>(encode(strings{{"b", "1"}, {"a", "2"}})));
  CHECK_FALSE(decode<map>(encode(strings{{"a", "1"}, {"a", "2"}})));
  CHECK_FALSE(decode<std::set<std::string>>(encode(std::vector<std::string>{"b", "a"})));
}

TEST_CASE("damaged bytes never crash the decoder") {
  std::mt19937 random(7);
  robust<error>(random);
  robust<evaluate_job>(random);
  robust<command_job::answer>(random);
  robust<target_value>(random);
  robust<node_record>(random);
  robust<data>(random);
}

TEST_CASE("a huge length and deep nesting are refused without allocating") {
  CHECK_FALSE(decode<std::vector<std::string>>("\xff\xff\xff\xff\xff\xff\xff\xff\x01"));
  data deep;
  for (int i = 0; i < 300; ++i)
    deep = data(data::array{deep});
  std::string bytes;
  deep.append_bytes(bytes);
  data out;
  CHECK_FALSE(data::from_bytes(bytes, out));
}

TEST_CASE("a value is read back as what it was made as, and as nothing else") {
  paths_value x;
  x.paths = {"a"};
  auto v = value::of(x);
  REQUIRE(v.as<paths_value>());
  CHECK(v.as<data_value>().error().code == errc::internal);
  auto copy = value::from_bytes(v.bytes(), v.output());
  CHECK((*copy.as<paths_value>())->paths == x.paths);
  CHECK(value::from_bytes("\xff", {}).as<paths_value>().error().code == errc::corrupt);
  CHECK(value().as<paths_value>().error().code == errc::internal);
  CHECK(decode<value>(encode(v))->output() == v.output());
}

TEST_CASE("volatile parts stay out of output digests") {
  file_value f;
  f.type = file_type::regular;
  auto before = f.output_digest();
  f.print.mtime_ns = 5;
  CHECK(f.output_digest() == before);
  f.executable = true;
  CHECK(f.output_digest() != before);
}
