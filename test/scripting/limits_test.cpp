// What a script may not do, and how it ends when it tries.
#include <atomic>
#include <chrono>
#include <future>
#include <thread>

#include <catch2/catch.hpp>

#include "script_fixture.hpp"

using namespace zako;
using namespace zako::test;
using namespace std::chrono_literals;

namespace {

/// Far more than it takes: other programs may have the machine.
constexpr auto slack = 5s;

std::chrono::milliseconds elapsed(std::chrono::steady_clock::time_point since) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() -
                                                               since);
}

void check_alive(script_world& world) {
  world.file("alive.ts", "export default 'alive';");
  CHECK(json(world.run("alive.ts", script_context::library)) == "\"alive\"");
}

} // namespace

TEST_CASE("endless scripts are stopped in time", "[limits]") {
  script_world world;
  world.limits.time_ms = 200;
  auto source =
      GENERATE("export const f = () => {\n  for (;;) ;\n};\nf();",
               "for (;;) try { for (;;) ; } catch {} finally { continue; }",
               "const f = () => { Promise.resolve().then(f); }; f();\nawait new Promise(() => {});",
               "async function f() { for (;;) await null; }\nawait f();",
               "/(a+)+$/.test('a'.repeat(60) + 'b');",
               "const o = { get x(): number { for (;;) ; } };\nexport default o;",
               "export default new Proxy({}, { get() { for (;;) ; } }).x;",
               "async function* g() { for (;;) yield 1; }\nfor await (const x of g()) ;",
               "[3, 1, 2].sort(() => { for (;;) ; });",
               "export default (async () => ({ then() { for (;;) ; } }))();");
  world.file("a.ts", source);
  CAPTURE(source);
  auto start = std::chrono::steady_clock::now();
  auto e = failure(world.run("a.ts", script_context::library));
  CHECK(e.code == errc::limit);
  CHECK(e.message == "'a.ts' ran for more than 200ms (script.time)");
  CHECK(elapsed(start) < slack);
  check_alive(world);
}

TEST_CASE("a stopped loop is shown with its stack", "[limits]") {
  script_world world;
  world.limits.time_ms = 100;
  world.file("a.ts", "function spin(): never {\n  for (;;) ;\n}\nspin();");
  auto e = failure(world.run("a.ts", script_context::library));
  REQUIRE(e.position);
  CHECK(e.position->file == "a.ts");
  CHECK(e.position->line == 2);
  REQUIRE_FALSE(e.causes.empty());
  CHECK(e.causes[0].position->line == 4);
}

TEST_CASE("memory is bounded", "[limits]") {
  script_world world;
  world.limits.heap_bytes = std::size_t{48} << 20;
  world.limits.array_buffer_bytes = std::size_t{16} << 20;
  SECTION("objects") {
    auto source = GENERATE("const all: object[] = [];\nfor (;;) all.push({ x: [1, 2, 3] });",
                           "let s = 'abcdefgh';\nconst all: string[] = [];\nfor (;;) all.push((s "
                           "+= 'x') + all.length);",
                           "const m = new Map();\nfor (let i = 0; ; ++i) m.set(i, { i });",
                           "const a: any[] = [];\nfor (;;) a.push(new Array(1e6).fill(1));",
                           "let a: any = [1];\nfor (;;) a = [...a, ...a];");
    world.file("a.ts", source);
    CAPTURE(source);
    auto e = failure(world.run("a.ts", script_context::library));
    CHECK(e.code == errc::limit);
    CHECK(e.message == "'a.ts' needs more than 48M of memory (script.heap)");
    CHECK(world.losses == 0);
    check_alive(world);
  }
  SECTION("array buffers") {
    world.file("a.ts",
               "const all: Uint8Array[] = [];\nfor (;;) all.push(new Uint8Array(1 << 20));");
    auto e = failure(world.run("a.ts", script_context::library));
    CHECK(e.code == errc::limit);
    CHECK(e.message == "'a.ts' needs more than 16M of array buffers (script.array_buffers)");
    CHECK(e.position->line == 2);
    check_alive(world);
  }
  SECTION("the stack") {
    world.file("a.ts", "const f = (): number => 1 + f();\nf();");
    auto e = failure(world.run("a.ts", script_context::library));
    CHECK(e.code == errc::limit);
    CHECK(e.message == "'a.ts' needs more than 900K of stack (script.stack)");
    CHECK(e.remedy.ends_with("or allow more: --set script.stack=1800K"));
    CHECK(e.position->line == 1);
    check_alive(world);
  }
  SECTION("the stack of a small thread") {
    script_world other;
    result<data> out;
    // The thread's default of 8 MB is not asked for by scripts.
    other.limits.stack_bytes = std::size_t{64} << 20;
    other.file("a.ts", "const f = (): number => 1 + f();\nf();");
    std::thread([&] {
      out = other.run("a.ts", script_context::library);
      other.isolate.reset();
    }).join();
    CHECK(failure(out).code == errc::limit);
  }
}

TEST_CASE("the number of modules is bounded", "[limits]") {
  script_world world;
  world.limits.modules = 30;
  for (int i = 0; i < 40; ++i)
    world.file("m" + std::to_string(i) + ".ts",
               "import './m" + std::to_string(i + 1) + ".ts';\nexport default 1;");
  auto e = failure(world.run("m0.ts", script_context::library));
  CHECK(e.code == errc::limit);
  CHECK(e.message == "'m0.ts' loads more than 30 modules (script.modules)");
  REQUIRE(e.position);
  CHECK(e.position->line == 1); // at the import that is one too many
}

TEST_CASE("where V8 cannot go on, the thread is lost and nothing else", "[limits]") {
  auto [source, code, message] = GENERATE(table<std::string, errc, std::string>({
      {"const s = 'x'.repeat(2 ** 28);\nexport default (s + 'y').split('').length;",
       errc::worker_lost, "the script engine failed in 'a.ts'"},
      {"const a = [];\na.length = 4e9;\na.sort();", errc::limit, "'a.ts' ran for more than 300ms"},
      {"Array.from({ length: 1e9 });", errc::limit, "'a.ts' "},
  }));
  CAPTURE(source);
  struct lonely_world : script_world {
    void lost(error reason) override { end.set_value(std::move(reason)); }
    std::promise<error> end;
  };
  auto* world = new lonely_world; // its thread never ends
  world->limits.time_ms = 300;
  world->limits.heap_bytes = std::size_t{64} << 20;
  world->file("a.ts", source);
  auto end = world->end.get_future();
  std::thread([world] { (void)world->run("a.ts", script_context::library); }).detach();
  REQUIRE(end.wait_for(60s) == std::future_status::ready);
  auto e = end.get();
  CHECK(e.code == code);
  CHECK(e.message.starts_with(message));
  script_world other;
  check_alive(other);
}

TEST_CASE("what a script tells is bounded", "[limits]") {
  script_world world;
  world.limits.text_bytes = 1 << 20;
  world.limits.console_bytes = 1 << 20;
  SECTION("results") {
    world.file("a.ts", "const s = 'x'.repeat(1000);\nexport default new Array(2000).fill(s);");
    auto e = failure(world.run("a.ts", script_context::library));
    CHECK(e.code == errc::limit);
    CHECK(e.message == "result[1048] holds more than 1M of text (script.text)");
    CHECK(e.position->file == "a.ts");
  }
  SECTION("the console") {
    world.file("a.ts", "for (;;) console.log('x'.repeat(1000));");
    auto e = failure(world.run("a.ts", script_context::library));
    CHECK(e.code == errc::limit);
    CHECK(e.position->line == 1);
    CHECK(world.console.size() < 1100);
  }
  SECTION("errors") {
    world.file("a.ts", "throw new Error('ä'.repeat(1e6));");
    CHECK(failure(world.run("a.ts", script_context::library)).message.size() < 20'000);
  }
  check_alive(world);
}

TEST_CASE("a wait for nothing is a deadlock", "[limits]") {
  script_world world;
  world.file("a.ts", "import './b.ts';\nexport default 1;");
  world.file("b.ts", "import './c.ts';\nawait new Promise(() => {});");
  world.file("c.ts", "await Promise.resolve();");
  auto e = failure(world.run("a.ts", script_context::library));
  CHECK(e.message.starts_with("deadlock: "));
  REQUIRE(e.position);
  CHECK(e.position->file == "b.ts");
  CHECK(e.position->line == 2);
  CHECK(e.frame.find("> 2 | await new Promise") != std::string::npos);
  SECTION("of several, the one that waits is named") {
    world.file("b.ts", "await 1;\nconsole.log('here');\nconst never = new Promise(() => {});\n"
                       "async function wait() {\n  await never;\n}\n"
                       "await Promise.all([1, 2]);\n  await wait();\nawait 2;");
    world.console.clear();
    e = failure(world.run("a.ts", script_context::library));
    REQUIRE(e.position);
    CHECK(e.position->line == 8);
    CHECK(world.console.size() == 1); // the second look is silent
  }
  SECTION("a result that never comes") {
    world.file("a.ts", "export default new Promise(() => {});");
    e = failure(world.run("a.ts", script_context::library));
    CHECK(e.message ==
          "deadlock: the result of 'a.ts' is a promise that nothing can settle any more");
  }
  check_alive(world);
}

TEST_CASE("another thread cancels a script", "[limits]") {
  script_world world;
  world.file("a.ts", "try { for (;;) ; } finally { for (;;) ; }");
  check_alive(world);
  world.isolate->cancel(); // nothing runs: no effect
  check_alive(world);
  std::atomic<std::chrono::steady_clock::time_point> when{};
  std::thread other([&] {
    std::this_thread::sleep_for(100ms);
    when = std::chrono::steady_clock::now();
    world.isolate->cancel();
  });
  auto e = failure(world.run("a.ts", script_context::library));
  other.join();
  CHECK(e.code == errc::cancelled);
  CHECK(elapsed(when.load()) < slack);
  check_alive(world);
}

TEST_CASE("a cancel reaches a script that waits for its client", "[limits]") {
  script_world world;
  world.answer("glob", [&](const data&) -> result<data> {
    world.isolate->cancel();
    return fail(errc::internal, "the client gave up");
  });
  world.file("BUILD.ts",
             "import { glob } from 'zako:build';\ntry { glob('*'); } catch {}\nfor (;;) ;");
  CHECK(failure(world.run("BUILD.ts")).code == errc::cancelled);
  check_alive(world);
}

TEST_CASE("time spent in the client does not count", "[limits]") {
  script_world world;
  world.limits.time_ms = 150;
  world.answer("glob", [](const data&) -> result<data> {
    std::this_thread::sleep_for(100ms);
    return data(data::array{});
  });
  world.file("BUILD.ts", "import { glob } from 'zako:build';\nglob('a'); glob('b'); glob('c');");
  CHECK(json(world.run("BUILD.ts")) == R"({"rules":[],"targets":[]})");
}

TEST_CASE("isolates on two threads do not wait for each other", "[limits]") {
  auto work = [](int n, std::string& out) {
    script_world world;
    world.file("a.ts", "let x = 0;\nfor (let i = 0; i < 3e6; ++i) x += i % 7;\nexport default x;");
    for (int i = 0; i < n; ++i)
      out = world.run("a.ts", script_context::library)
                .map([](data x) { return x.to_json(); })
                .value_or("failed");
  };
  std::string a, b;
  std::thread first([&] { work(5, a); }), second([&] { work(5, b); });
  first.join();
  second.join();
  CHECK(a == "8999994");
  CHECK(a == b);
}

TEST_CASE("an endless script is stopped although its client was slow before", "[limits]") {
  script_world world;
  world.limits.time_ms = 60;
  world.answer("glob", [](const data&) -> result<data> {
    std::this_thread::sleep_for(100ms); // the watchdog looks meanwhile
    return data::strings({});
  });
  world.file("BUILD.ts", "import { glob } from 'zako:build';\n"
                         "for (let i = 0; i < 3; ++i) glob('*');\n"
                         "for (;;) ;");
  auto start = std::chrono::steady_clock::now();
  auto e = failure(world.run("BUILD.ts"));
  CHECK(e.code == errc::limit);
  CHECK(elapsed(start) >= 300ms);
  CHECK(elapsed(start) < slack);
  check_alive(world);
}
