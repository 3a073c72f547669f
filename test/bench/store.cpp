// The stores: looking up checksummed records, and taking in files beside plain reading, hashing and
// writing.
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <functional>
#include <random>
#include <vector>

#include <fmt/format.h>

#include "storage/content_store.hpp"
#include "storage/node_database.hpp"
#include "test/bench/benchmark.hpp"
#include "test/bench/process.hpp"

namespace zako::bench {

namespace {

namespace fs = std::filesystem;

constexpr unsigned record_count = 220'000; // a workspace of 100,000 actions
constexpr unsigned lookup_rounds = 7;
constexpr unsigned small_files = 10'000;
constexpr std::size_t small_bytes = 4096;
constexpr unsigned default_large_mib = 4096;
constexpr unsigned ingest_rounds = 3;

double ms_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start)
      .count();
}

[[noreturn]] void give_up(const error& why) {
  throw failure(to_text(why));
}

void check(bool good, std::string_view what) {
  if (!good)
    throw failure(fmt::format("cannot {}: {}", what, std::strerror(errno)));
}

/// As a build leaves them: three dependencies, a small value.
node_record record_of(unsigned number) {
  node_record r;
  r.kind_version = 1;
  r.output = digest_of(std::to_string(number));
  r.group_sizes = {3};
  for (unsigned i = 1; i <= 3; ++i)
    r.dependencies.push_back({key_id{(number * 7 + i) % record_count + 1}, number * 31 + i});
  r.value_bytes = std::string(70, static_cast<char>(number));
  return r;
}

void measure_lookups(const temporary_folder& work, report& out) {
  auto folder = work / "records";
  {
    key_interner names;
    auto records = node_database::open(folder, names);
    if (!records)
      give_up(records.error());
    write_batch batch;
    for (unsigned n = 1; n <= record_count; ++n)
      batch.records.emplace_back(
          names.find_or_add(fmt::format("action://packages/layer{:02}/part:a{:07}", n % 10, n)),
          record_of(n));
    if (auto done = records->commit(batch); !done)
      give_up(done.error());
  }
  std::vector<double> opening, speed;
  for (unsigned round = 0; round < lookup_rounds; ++round) {
    auto start = std::chrono::steady_clock::now();
    key_interner names;
    auto records = node_database::open(folder, names);
    if (!records)
      give_up(records.error());
    opening.push_back(ms_since(start));
    std::mt19937 random{round};
    std::uniform_int_distribution<std::uint32_t> any{1, record_count};
    std::uint64_t found = 0;
    start = std::chrono::steady_clock::now();
    for (unsigned i = 0; i < record_count; ++i)
      if (auto r = records->load(key_id{any(random)}))
        found += r->dependencies.size();
    speed.push_back(record_count / ms_since(start) * 1e3);
    if (found != 3 * record_count)
      throw failure("records are missing");
  }
  out.row("opening 220,000 records", opening, "ms");
  out.row("looking up records, random order", speed, "/s");
  out.metric("open_ms", median(opening), 2, "ms");
  out.metric("lookups_per_s", median(speed), 0, "/s");
}

/// A file of bytes that no other seed gives.
void make_file(const std::string& path, std::uint64_t bytes, std::uint64_t seed) {
  std::mt19937_64 random{seed};
  std::vector<std::uint64_t> piece(std::min<std::uint64_t>(bytes, 1 << 20) / 8);
  auto fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  check(fd >= 0, "make a file");
  for (std::uint64_t done = 0; done < bytes; done += piece.size() * 8) {
    for (auto& word : piece)
      word = random();
    auto size = piece.size() * 8;
    check(::write(fd, piece.data(), size) == static_cast<::ssize_t>(size), "write a file");
  }
  check(::fsync(fd) == 0, "write a file");
  ::close(fd);
}

/// What a store at least has to do: read, hash, write a file.
void plain(const std::string& from, const std::string& to) {
  static std::vector<char> piece(256 * 1024);
  auto in = ::open(from.c_str(), O_RDONLY);
  auto out = ::open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL, 0600);
  check(in >= 0 && out >= 0, "open a file");
  hasher h;
  for (;;) {
    auto n = ::read(in, piece.data(), piece.size());
    check(n >= 0, "read a file");
    if (n == 0)
      break;
    h.update({piece.data(), static_cast<std::size_t>(n)});
    check(::write(out, piece.data(), static_cast<std::size_t>(n)) == n, "write a file");
  }
  auto content = h.finish();
  check(content != digest{}, "hash a file");
  ::close(in);
  ::close(out);
}

struct ingest_times {
  std::vector<double> plain, plain_durable, ours, ours_durable;
};

/// Both ways in turns, each on a disk that has nothing else to write.
ingest_times measure_ingest(const temporary_folder& work, const std::vector<std::string>& files) {
  ingest_times out;
  auto target = work / "target";
  for (unsigned round = 0; round < ingest_rounds; ++round)
    for (bool ours : {false, true}) {
      fs::remove_all(target);
      fs::create_directories(target);
      auto folder = ::open(target.c_str(), O_RDONLY | O_DIRECTORY);
      check(folder >= 0 && ::syncfs(folder) == 0, "sync");
      auto store = content_store::open(target);
      if (!store)
        give_up(store.error());
      auto start = std::chrono::steady_clock::now();
      for (std::size_t i = 0; i < files.size(); ++i)
        if (!ours)
          plain(files[i], fmt::format("{}/{}", target, i));
        else if (auto put = store->put_file(files[i]); !put)
          give_up(put.error());
      (ours ? out.ours : out.plain).push_back(ms_since(start));
      if (!ours)
        check(::syncfs(folder) == 0, "sync");
      else if (auto done = store->flush(); !done)
        give_up(done.error());
      (ours ? out.ours_durable : out.plain_durable).push_back(ms_since(start));
      ::close(folder);
    }
  fs::remove_all(target);
  return out;
}

double show_ingest(std::string_view what, const ingest_times& times, report& out) {
  out.row(fmt::format("{}: plain", what), times.plain, "ms");
  out.row(fmt::format("{}: put_file", what), times.ours, "ms");
  out.row(fmt::format("{}: plain, until on the disk", what), times.plain_durable, "ms");
  out.row(fmt::format("{}: put_file and flush", what), times.ours_durable, "ms");
  return std::min(median(times.plain) / median(times.ours),
                  median(times.plain_durable) / median(times.ours_durable));
}

/// How far the memory of a process of its own grows above its start while it takes the files in.
double ingest_memory(const temporary_folder& work, const std::vector<std::string>& files) {
  auto target = work / "target";
  auto child = ::fork();
  check(child >= 0, "fork");
  if (child == 0) {
    auto peak = [] {
      ::rusage used;
      ::getrusage(RUSAGE_SELF, &used);
      return used.ru_maxrss;
    };
    auto before = peak();
    auto store = content_store::open(target);
    for (auto& file : files)
      if (!store || !store->put_file(file))
        ::_exit(255);
    if (!store || !store->flush())
      ::_exit(255);
    ::_exit(static_cast<int>(std::min((peak() - before) / 1024 + 1, 254l)));
  }
  int status = 0;
  check(::waitpid(child, &status, 0) == child, "wait");
  fs::remove_all(target);
  if (!WIFEXITED(status) || WEXITSTATUS(status) == 255)
    throw failure("the process that takes files in failed");
  return WEXITSTATUS(status);
}

} // namespace

void store(const settings& given, report& out) {
  temporary_folder work;
  auto large_mib = given.size > 0 ? given.size : default_large_mib;
  struct ::statvfs disk;
  check(::statvfs((work / "").c_str(), &disk) == 0, "look at the disk");
  if (disk.f_bavail * disk.f_frsize / 1024 / 1024 < 3ull * large_mib)
    throw failure(fmt::format("the disk has no room for 3 x {} MiB: see --size", large_mib));
  measure_lookups(work, out);

  std::vector<std::string> small, large{work / "large"};
  fs::create_directories(work / "small");
  for (unsigned i = 0; i < small_files; ++i)
    make_file(small.emplace_back(work / fmt::format("small/{}", i)), small_bytes, i);
  make_file(large[0], std::uint64_t{large_mib} << 20, small_files);
  out.note(fmt::format("{} files of {} bytes and one of {} MiB, in memory: read, hashed with "
                       "BLAKE3 and written as files,\n"
                       "  beside the content store's put_file; without and with the wait for the "
                       "disk. The ratio is the worst of all.",
                       small_files, small_bytes, large_mib));
  auto worst = std::min(show_ingest("small files", measure_ingest(work, small), out),
                        show_ingest("large file", measure_ingest(work, large), out));
  small.push_back(large[0]);
  out.metric("ingest_ratio_plain", worst, 2, "x");
  out.metric("ingest_rss_mb", ingest_memory(work, small), 0, "MB");
}

} // namespace zako::bench
