// Enums, imports, exports, source maps.
#include "test/scripting/transpile_fixture.hpp"

using namespace zako;
using namespace zako::test;

TEST_CASE("enums") {
  check_cases({
      {"automatic values", "enum E { A, B = 5, C }",
       "var E; (function (E) { E[E[\"A\"] = 0] = \"A\"; E[E[\"B\"] = 5] = \"B\"; E[E[\"C\"] = 6] = "
       "\"C\"; })(E || (E "
       "= {}));"},
      {"strings", "enum E { A = 'x' }",
       "var E; (function (E) { E[\"A\"] = \"x\"; })(E || (E = {}));"},
      {"folding", "enum E { A = 1 << 3, B = A | 1, C = -B, D = `${A}x` }",
       "var E; (function (E) { E[E[\"A\"] = 8] = \"A\"; E[E[\"B\"] = 9] = \"B\"; E[E[\"C\"] = -9] "
       "= \"C\"; E[\"D\"] = "
       "\"8x\"; })(E || (E = {}));"},
      {"constant variables", "const n = 2;\nenum E { A = n * 2 }",
       "const n = 2;\nvar E; (function (E) { E[E[\"A\"] = 4] = \"A\"; })(E || (E = {}));"},
      {"expressions", "enum E { A, B = f(A) }",
       "var E; (function (E) { E[E[\"A\"] = 0] = \"A\"; E[E[\"B\"] = f(E.A)] = \"B\"; })(E || (E = "
       "{}));"},
      {"types in expressions", "enum E { B = <any>{} as T }",
       "var E; (function (E) { E[E[\"B\"] = ( {}) ] = \"B\"; })(E || (E = {}));"},
      {"const enums are enums", "export const enum E { A }",
       "export var E; (function (E) { E[E[\"A\"] = 0] = \"A\"; })(E || (E = {}));"},
      {"merged", "enum E { A }\nenum E { B = A + 1 }",
       "var E; (function (E) { E[E[\"A\"] = 0] = \"A\"; })(E || (E = {}));\n;(function (E) { "
       "E[E[\"B\"] = 1] = \"B\"; "
       "})(E || (E = {}));"},
      {"other enums", "enum E { A = 3 }\nenum F { B = E.A, C = E['A'] }",
       "var E; (function (E) { E[E[\"A\"] = 3] = \"A\"; })(E || (E = {}));\nvar F; (function (F) { "
       "F[F[\"B\"] = 3] = "
       "\"B\"; F[F[\"C\"] = 3] = \"C\"; })(F || (F = {}));"},
      {"in a block", "{ enum E { A } }",
       "{ let E; (function (E) { E[E[\"A\"] = 0] = \"A\"; })(E || (E = {})); }"},
      {"quoted names", "enum E { 'a-b' = 1 }",
       "var E; (function (E) { E[E[\"a-b\"] = 1] = \"a-b\"; })(E || (E = {}));"},
      {"ambient", "declare enum E { A }", ";"},
  });
}

TEST_CASE("imports that no value needs are elided") {
  check_cases({
      {"unused", "import { A } from 'x';", ";"},
      {"used as a type", "import { A } from 'x';\nlet a: A;", "; \nlet a ;"},
      {"used as a value", "import { A, B } from 'x';\nA();", "import { A, } from 'x';\nA();"},
      {"type-only", "import type { A } from 'x';\nimport { type B, C } from 'y';\nC;",
       "; \nimport { C } from 'y';\nC;"},
      {"default and names", "import A, { B } from 'x';\nB;", "import { B } from 'x';\nB;"},
      {"default of both", "import A, { B } from 'x';\nA;", "import A from 'x';\nA;"},
      {"namespace", "import * as A from 'x';\nlet a: A.B;", "; \nlet a ;"},
      {"effects only", "import 'x';", "import 'x';"},
      {"shadowed by a parameter", "import { A } from 'x';\nfunction f(A) { A(); }",
       "; \nfunction f(A) { A(); }"},
      {"shadowed by a pattern", "import { A } from 'x';\n{ const { b: [A = 1] } = c; A; }",
       "; \n{ const { b: [A = 1] } = c; A; }"},
      {"a default value is a use", "import { A } from 'x';\nfunction f(b = A) { var A; }",
       "import { A } from 'x';\nfunction f(b = A) { var A; }"},
      {"shorthand", "import { A } from 'x';\nf({ A });", "import { A } from 'x';\nf({ A });"},
      {"a member's name is no use", "import { A } from 'x';\nb.A; ({ A: 1 });",
       "; \nb.A; ({ A: 1 });"},
      {"exported", "import { A } from 'x';\nexport { A };",
       "import { A } from 'x';\nexport { A };"},
      {"heritage", "import { A, B } from 'x';\nclass C extends A implements B {}",
       "import { A, } from 'x';\nclass C extends A {}"},
      {"computed member of a type", "import { a } from 'x';\ntype T = { [a]: 1 };",
       "import { a } from 'x';\n;"},
      {"alias", "import * as N from 'x';\nimport A = N.A;\nA;",
       "import * as N from 'x';\nvar A = N.A;\nA;"},
      {"alias of a type", "import * as N from 'x';\nimport A = N.A;\nlet a: A;", "; \n; \nlet a ;"},
  });
}

TEST_CASE("exports of types are elided") {
  check_cases({
      {"local types", "interface A {}\nconst b = 1;\nexport { A, b };",
       "; \nconst b = 1;\nexport { b };"},
      {"only types", "type A = 1;\nexport { A };", "; \n;"},
      {"a type and a value", "interface A {}\nconst A = 1;\nexport { A };",
       "; \nconst A = 1;\nexport { A };"},
      {"type-only", "export type { A } from 'x';\nexport { type B, C } from 'y';",
       "; \nexport { C } from 'y';"},
      {"default type", "interface A {}\nexport default A;", "; \n;"},
      {"everything", "export * from 'x';\nexport * as y from 'y';",
       "export * from 'x';\nexport * as y from 'y';"},
  });
}

TEST_CASE("imports are listed") {
  transpiler t;
  auto r = t.transpile(
      "import { A } from './a.ts';\nimport { type B } from './b.ts';\nexport * from 'c';\n"
      "import d from \"./d.json\" with { type: 'json' };\nA(d, import('./\\x65.ts'));\n",
      "m.ts");
  REQUIRE(r);
  CHECK(r->imports == std::vector<import_site>{
                          {"./a.ts", {"m.ts", 1, 19}, false, false},
                          {"c", {"m.ts", 3, 15}, false, false},
                          {"./d.json", {"m.ts", 4, 15}, false, true},
                          {"./e.ts", {"m.ts", 5, 13}, true, false},
                      });
}

TEST_CASE("a source map comes only when something moved") {
  transpiler t;
  CHECK(t.transpile("let x: number = 1;", "a.ts")->source_map.empty());
  CHECK(t.transpile("enum E {}", "a.ts")->source_map ==
        R"({"version":3,"sources":["a.ts"],"names":[],"mappings":"AAAA,sBAAQ"})");
}

TEST_CASE("what cannot be done is an error with a place") {
  auto refused = [](const char* source, const char* message) {
    INFO(source);
    transpiler t;
    auto r = t.transpile(source, "a.ts");
    REQUIRE(!r);
    CHECK(r.error().code == errc::unsupported);
    CHECK_THAT(r.error().message, Catch::Contains(message));
    CHECK(r.error().position.has_value());
    CHECK(!r.error().frame.empty());
    CHECK(!r.error().remedy.empty());
  };
  refused("export = a;", "export =");
  refused("import a = require('a');\na;", "require");
  refused("@a class B {}", "decorators");
  refused("class A { constructor(@b c) {} }", "parameters");
  refused("class A { accessor [b] = 1; }", "accessor");
  refused("{ using a = b(); }", "using");
  refused("class A extends B { constructor(public a: T) { if (a) super(); } }", "super");
  refused("x = y as any\n[1].z", "this line");
  refused("enum E { A = B, B = 1 }", "declared before");
}

TEST_CASE("all syntax errors of a file are reported together") {
  transpiler t;
  auto r = t.transpile("let a = ;\nfunction f( {\n}\nlet c = 1;\nlet d = );\n", "a.ts");
  REQUIRE(!r);
  CHECK(r.error().code == errc::syntax);
  CHECK(r.error().causes.size() >= 2);
  for (auto& cause : r.error().causes) {
    CHECK(cause.position.has_value());
    CHECK(!cause.frame.empty());
  }
  auto one = t.transpile("f(1;\n", "a.ts");
  REQUIRE(!one);
  CHECK(one.error().message == "unexpected ';', expected ')'");
  CHECK(one.error().position == source_position{"a.ts", 1, 4});
}

TEST_CASE("what is inserted behind a statement stands before a comment there") {
  check_cases({
      {"behind super()", "class A extends B { constructor(private x) { super() // d\n} }",
       "class A extends B { x; constructor( x) { super(); this.x = x; // d\n} }"},
      {"a namespace", "namespace N { export const p = 1; } // é\nfoo()",
       "var N; (function (N) { N.p = 1; })(N || (N = {})); // é\nfoo()"},
      {"an alias", "import A = B.C // d\n(A)", "var A = B.C; // d\n(A)"},
      {"a type", "type A = B // d\nx", "; // d\nx"},
  });
}

TEST_CASE("repairs at the beginning of a file") {
  check_cases({
      {"behind a bracket", "[a] = b\nimport(\"z\").then(c)\nclass A<in T> {}",
       "[a] = b\nimport(\"z\").then(c)\nclass A {}"},
  });
  CHECK(transpiler{}.transpile("{ }\nimport(\"z\") )", "a.ts").error().code == errc::syntax);
}

TEST_CASE("constant texts do not grow without bound") {
  std::string source = "enum E { a = '" + std::string(1000, 'x') + "'";
  for (int i = 0; i < 20; ++i) {
    auto before = i == 0 ? std::string{"a"} : "b" + std::to_string(i - 1);
    source += ", b" + std::to_string(i) + " = " + before + " + " + before;
  }
  auto r = transpiler{}.transpile(source + " }", "a.ts");
  REQUIRE(r);
  CHECK(r->javascript.size() < 1'000'000);
}

TEST_CASE("every error of a file is reported where it is, with what would fit") {
  constexpr auto source = R"(import { a } from "a";
function f() {
  const x = ;
  if (x) {
    let y = 3 +;
    return 1;
  }
  for (const z of ) { }
  return (1;
}
class A {
  m() { return 1 + ; }
  n() { const = 3; }
}
const ok = 1;
let z = );
const w = f(1, 2;
}
let last: = 3;
)";
  transpiler t;
  auto r = t.transpile(source, "a.ts");
  REQUIRE(!r);
  std::string all;
  for (auto& cause : r.error().causes)
    all += std::to_string(cause.position->line) + ":" + std::to_string(cause.position->column) +
           " " + cause.message + "\n";
  CHECK(all == "3:13 unexpected ';', expected an expression\n"
               "5:16 unexpected ';', expected an expression\n"
               "8:19 unexpected ')', expected an expression\n"
               "9:12 unexpected ';', expected ')'\n"
               "12:20 unexpected ';', expected an expression\n"
               "13:15 unexpected '=', expected a name\n"
               "16:9 unexpected ')', expected an expression\n"
               "17:17 unexpected ';', expected ')'\n"
               "18:1 unexpected '}', expected a statement\n"
               "19:11 unexpected '=', expected a type\n");
}

TEST_CASE("text that is no source") {
  transpiler t;
  CHECK(t.transpile("", "a.ts")->javascript.empty());
  CHECK(t.transpile("// only a comment", "a.ts")->javascript == "// only a comment");
  CHECK(t.transpile("let \xff", "a.ts").error().code == errc::syntax);
  CHECK(t.transpile(std::string_view{"a\0b", 3}, "a.ts").error().code == errc::syntax);
  t.gc();
  CHECK(t.transpile("let x: A;", "a.ts")->javascript == "let x   ;");
}

TEST_CASE("nesting costs no stack, and lists cost no nesting") {
  transpiler t;
  for (std::string part : {"(", "{a:", "+ ", "a ? ", "x=>{", "if(a){", "`${"}) {
    INFO(part);
    std::string source;
    while (source.size() < 70000 * part.size())
      source += part;
    auto r = t.transpile(source, "a.ts");
    REQUIRE(!r);
    CHECK((r.error().code == errc::limit || r.error().code == errc::syntax));
    CHECK(r.error().position.has_value());
  }
  std::string list = "let x = [";
  for (int i = 0; i < 70000; ++i)
    list += "(1), ";
  CHECK(t.transpile(list + "];", "a.ts"));
}
