// Protects the interner: one id per text and one text per id, dense, from any number of threads.
#include "storage/interner.hpp"

#include <set>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

using namespace zako;

TEST_CASE("ids are dense from 1 and texts come back") {
  key_interner names;
  CHECK(names.size() == 0);
  auto a = names.find_or_add("file:a");
  auto b = names.find_or_add("file:b");
  auto empty = names.find_or_add("");
  CHECK(a.number() == 1);
  CHECK(b.number() == 2);
  CHECK(names.find_or_add("file:a") == a);
  CHECK(names.text(b) == "file:b");
  CHECK(names.text(empty).empty());
  CHECK(names.find("file:b") == b);
  CHECK(names.find("file:c") == std::nullopt);
  CHECK(names.size() == 3);
  CHECK_FALSE(key_id{});
}

TEST_CASE("texts stay where they are while the interner grows") {
  key_interner names;
  auto first = names.text(names.find_or_add("first"));
  std::string large(3'000'000, 'x');
  auto big = names.find_or_add(large);
  for (int i = 0; i < 100'000; ++i)
    names.find_or_add("text " + std::to_string(i));
  CHECK(names.text(key_id{1}).data() == first.data());
  CHECK(first == "first");
  CHECK(names.text(big) == large);
  CHECK(names.text(key_id{50'003}) == "text 50000");
}

TEST_CASE("threads that intern the same texts agree on their ids") {
  constexpr int thread_count = 8;
  constexpr int text_count = 20'000;
  key_interner names;
  std::vector<std::vector<key_id>> ids(thread_count);
  std::vector<std::thread> threads;
  for (int t = 0; t < thread_count; ++t)
    threads.emplace_back([&, t] {
      auto& mine = ids[static_cast<std::size_t>(t)];
      mine.resize(text_count);
      for (int i = 0; i < text_count; ++i) {
        auto n = (i * 7919 + t * 131) % text_count;
        mine[static_cast<std::size_t>(n)] = names.find_or_add("key:" + std::to_string(n));
      }
    });
  for (auto& t : threads)
    t.join();
  CHECK(names.size() == text_count);
  std::set<key_id> distinct(ids[0].begin(), ids[0].end());
  CHECK(distinct.size() == text_count);
  for (auto& mine : ids)
    CHECK(mine == ids[0]);
  for (int i = 0; i < text_count; ++i)
    REQUIRE(names.text(ids[0][static_cast<std::size_t>(i)]) == "key:" + std::to_string(i));
}
