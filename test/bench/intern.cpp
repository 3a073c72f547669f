// The interner: adding and finding texts from 1, 2 and 8 threads, loading stored ones, memory.
#include <malloc.h>

#include <chrono>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include "storage/interner.hpp"
#include "test/bench/benchmark.hpp"

namespace zako::bench {

namespace {

constexpr unsigned default_texts = 220'000; // keys of a workspace of 100,000 actions
constexpr unsigned rounds = 7;

double ms_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start)
      .count();
}

/// Keys as a build has them, 45 bytes each.
std::vector<std::string> make_texts(unsigned count) {
  std::vector<std::string> texts;
  for (unsigned i = 0; i < count; ++i)
    texts.push_back(fmt::format("action://packages/layer{:02}/part:a{:07} o/{:06}", i % 10, i, i));
  return texts;
}

/// Million texts a second: `threads` share the texts and begin at different places.
double find_or_add(key_interner& names, const std::vector<std::string>& texts, unsigned threads) {
  auto start = std::chrono::steady_clock::now();
  std::vector<std::thread> all;
  for (unsigned t = 0; t < threads; ++t)
    all.emplace_back([&, t] {
      auto begin = texts.size() * t / threads;
      for (std::size_t i = 0; i < texts.size(); ++i)
        names.find_or_add(texts[(begin + i * 7919) % texts.size()]);
    });
  for (auto& t : all)
    t.join();
  return static_cast<double>(texts.size()) * threads / ms_since(start) / 1e3;
}

/// The same, each text once.
double add(key_interner& names, const std::vector<std::string>& texts, unsigned threads) {
  auto start = std::chrono::steady_clock::now();
  std::vector<std::thread> all;
  for (unsigned t = 0; t < threads; ++t)
    all.emplace_back([&, t] {
      for (std::size_t i = t; i < texts.size(); i += threads)
        names.find_or_add(texts[i]);
    });
  for (auto& t : all)
    t.join();
  return static_cast<double>(texts.size()) / ms_since(start) / 1e3;
}

struct stored_texts {
  std::vector<std::uint32_t> hashes;
  std::string texts;
};

/// In pages, as the node database keeps them.
std::vector<stored_texts> store(const std::vector<std::string>& texts) {
  std::vector<stored_texts> pages(1);
  for (auto& text : texts) {
    if (pages.back().texts.size() >= 64 * 1024)
      pages.emplace_back();
    pages.back().hashes.push_back(stable_hash(text));
    auto length = static_cast<std::uint32_t>(text.size());
    pages.back().texts.append(reinterpret_cast<const char*>(&length), sizeof length).append(text);
  }
  return pages;
}

double heap_bytes() {
  auto now = ::mallinfo2();
  return static_cast<double>(now.uordblks + now.hblkhd);
}

} // namespace

void intern(const settings& given, report& out) {
  auto texts = make_texts(given.size > 0 ? given.size : default_texts);
  auto pages = store(texts);
  out.note(fmt::format("{} texts of {} bytes; the middle of {} rounds", texts.size(),
                       texts[0].size(), rounds));
  std::vector<double> bytes;
  for (unsigned threads : {1u, 2u, 8u}) {
    std::vector<double> fresh, known;
    for (unsigned i = 0; i < rounds; ++i) {
      auto before = heap_bytes();
      key_interner names;
      fresh.push_back(add(names, texts, threads));
      if (threads == 1)
        bytes.push_back((heap_bytes() - before) / static_cast<double>(texts.size()) -
                        static_cast<double>(texts[0].size()));
      known.push_back(find_or_add(names, texts, threads));
    }
    out.row(fmt::format("new texts, {} threads", threads), fresh, "M/s");
    out.row(fmt::format("known texts, {} threads", threads), known, "M/s");
    out.metric(fmt::format("new_per_s_{}", threads), median(fresh), 2, "M/s");
    out.metric(fmt::format("known_per_s_{}", threads), median(known), 2, "M/s");
  }
  std::vector<double> load, first, index;
  for (unsigned i = 0; i < rounds; ++i) {
    key_interner names;
    auto start = std::chrono::steady_clock::now();
    for (auto& page : pages)
      if (!names.load(page.hashes, page.texts, nullptr))
        throw failure("stored texts cannot be loaded");
    load.push_back(ms_since(start));
    start = std::chrono::steady_clock::now();
    names.find_or_add(texts.back());
    first.push_back(ms_since(start));
    start = std::chrono::steady_clock::now();
    for (unsigned n = 0; n < 100; ++n)
      names.find_or_add(texts[n]);
    index.push_back(ms_since(start));
  }
  out.row("loading stored texts", load, "ms");
  out.row("finding the first of them", first, "ms");
  out.row("finding 100 of them, which makes an index", index, "ms");
  out.row("memory beside the text's own bytes", bytes, "B");
  out.metric("load_ms", median(load), 2, "ms");
  out.metric("bytes_per_text", median(bytes), 1, "B");
}

} // namespace zako::bench
