// Protects the interner: one id per text and one text per id, dense, from any number of threads.
#include "storage/interner.hpp"

#include <algorithm>
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

namespace {

/// `count` stored texts, given to the interner in pages.
void load_texts(key_interner& names, std::uint32_t count) {
  for (std::uint32_t next = 0; next < count;) {
    struct page {
      std::vector<std::uint32_t> hashes;
      std::string texts;
    };
    auto memory = std::make_shared<page>();
    for (auto end = std::min(count, next + 777); next < end; ++next) {
      auto text = "stored:" + std::to_string(next);
      memory->hashes.push_back(stable_hash(text));
      auto length = static_cast<std::uint32_t>(text.size());
      memory->texts.append(reinterpret_cast<const char*>(&length), sizeof length).append(text);
    }
    REQUIRE(names.load(memory->hashes, memory->texts, memory));
  }
}

} // namespace

TEST_CASE("loaded texts are found before and after there is an index of them") {
  constexpr std::uint32_t count = 5'000;
  key_interner names;
  load_texts(names, count);
  CHECK(names.size() == count);
  CHECK(names.text(key_id{count}) == "stored:4999");
  CHECK(names.find("stored:5000") == std::nullopt);
  auto fresh = names.find_or_add("fresh");
  CHECK(fresh.number() == count + 1);
  for (std::uint32_t i = 0; i < count; ++i) { // far more than are found by passing over all
    REQUIRE(names.find("stored:" + std::to_string(i)) == key_id{i + 1});
    REQUIRE(names.find_or_add("stored:" + std::to_string(i)) == key_id{i + 1});
  }
  CHECK(names.find("fresh") == fresh);
  CHECK(names.size() == count + 1);
}

TEST_CASE("texts that do not fill their bytes are not loaded") {
  std::uint32_t hash = stable_hash("abc");
  auto load = [&](std::string_view texts) {
    return key_interner{}.load({&hash, 1}, texts, nullptr);
  };
  using namespace std::string_view_literals;
  CHECK(load("\3\0\0\0abc"sv));
  CHECK_FALSE(load("\3\0\0\0ab"sv));
  CHECK_FALSE(load("\3\0\0\0abcd"sv));
  CHECK_FALSE(load("\xff\xff\xff\xff"sv));
  CHECK_FALSE(load("\3\0\0"sv));
}

TEST_CASE("threads that find loaded texts and add others agree, whoever makes the index") {
  constexpr std::uint32_t stored = 2'000;
  for (int round = 0; round < 20; ++round) {
    key_interner names;
    load_texts(names, stored);
    std::vector<std::vector<key_id>> ids(4);
    std::vector<std::thread> threads;
    for (auto& mine : ids)
      threads.emplace_back([&] {
        for (std::uint32_t i = stored - 200; i < stored + 200; ++i)
          mine.push_back(names.find_or_add("stored:" + std::to_string(i)));
      });
    for (auto& t : threads)
      t.join();
    REQUIRE(names.size() == stored + 200);
    for (auto& mine : ids)
      REQUIRE(mine == ids[0]);
    for (std::uint32_t i = 0; i < 200; ++i)
      REQUIRE(ids[0][i] == key_id{stored - 200 + i + 1});
  }
}

TEST_CASE("static texts are interned where they lie") {
  static constexpr static_text manifest{"manifest:"};
  static constexpr static_text none{""};
  key_interner names;
  auto id = names.find_or_add(manifest);
  CHECK(names.text(id).data() == manifest.bytes);
  CHECK(names.text(id) == "manifest:");
  CHECK(names.find("manifest:") == id);
  CHECK(names.find_or_add(std::string("manifest:")) == id);
  auto copied = names.find_or_add("copied:");
  static constexpr static_text late{"copied:"};
  CHECK(names.find_or_add(late) == copied);
  CHECK(names.text(names.find_or_add(none)).empty());
}
