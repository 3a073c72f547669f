// What the options change: verbatim modules, the newest syntax, JSX that stays.
#include "test/scripting/transpile_fixture.hpp"

using namespace zako;
using namespace zako::test;

TEST_CASE("verbatim modules keep every import and export that does not say type") {
  transpile_options verbatim;
  verbatim.verbatim_module_syntax = true;
  check_cases(
      {
          {"unused", "import { A } from 'x';", "import { A } from 'x';"},
          {"used as a type", "import A, * as B from 'x';\nlet a: A;",
           "import A, * as B from 'x';\nlet a ;"},
          {"type-only", "import type { A } from 'x';", ";"},
          {"only type specifiers", "import { type A } from 'x';\nexport { type B } from 'y';",
           "import { } from 'x';\nexport { } from 'y';"},
          {"some type specifiers", "import A, { type B, C } from 'x';",
           "import A, { C } from 'x';"},
          {"local types", "interface A {}\nexport { A };\nexport default A;",
           "; \nexport { A };\nexport default A;"},
      },
      verbatim);
}

TEST_CASE("syntax that the engine lacks stays for the newest target") {
  transpile_options esnext;
  esnext.target = script_target::esnext;
  check_cases(
      {
          {"decorators", "@a export class B { @c() private d: T; @e f(): void {} }",
           "@a export class B { @c() d ; @e f() {} }"},
          {"a decorator with type arguments", "@a<T>() class B {}", "@a () class B {}"},
          {"accessor", "class A { accessor b: T = 1; }", "class A { accessor b = 1; }"},
          {"using", "{ using a = b() as T; }", "{ using a = b() ; }"},
          {"using declares", "import { a } from 'x';\n{ using a = b(); a; }",
           "; \n{ using a = b(); a; }"},
      },
      esnext);
}

TEST_CASE("accessor fields are lowered for the engine") {
  check_cases({
      {"with a value", "class A { accessor b: T = 1 }",
       "class A { #b_accessor_storage = 1; get b() { return this.#b_accessor_storage; } set "
       "b(value) { this.#b_accessor_storage = value; } }"},
      {"private", "class A { accessor #b; }",
       "class A { #private_b_accessor_storage; get #b() { return this.#private_b_accessor_storage; "
       "} "
       "set #b(value) { this.#private_b_accessor_storage = value; }; }"},
  });
}

TEST_CASE("preserved JSX loses its types") {
  transpile_options preserve;
  preserve.tsx = true;
  preserve.jsx = jsx_mode::preserve;
  check_cases({{"types", "let a = <B<C> d={e as F}>{g!}</B>;", "let a = <B d={e }>{g }</B>;"}},
              preserve);
}
