// Scripts that attack what they run in. Each ends, with a result or an error, and the next script
// is not touched.
#include <catch2/catch.hpp>

#include "script_fixture.hpp"

using namespace zako;
using namespace zako::test;

TEST_CASE("no script harms the next one", "[hostile]") {
  const std::vector<std::string> sources{
      "export default new Array(4e9).join('x');",
      "export default new BigInt64Array(1e9);",
      "const f=()=>f(); try{f()}catch{f()}",
      "let o:any={}; for(let i=0;i<1e6;++i)o={o}; export default o;",
      "let o:any=[]; for(let i=0;i<1e5;++i)o=[o]; export default JSON.stringify(o);",
      "export default JSON.parse('['.repeat(1e6));",
      "Error.prepareStackTrace=()=>{for(;;);}; throw new Error('x');",
      "Error.prepareStackTrace=()=>{throw 1}; throw new Error('x');",
      "Error.stackTraceLimit=0; throw new Error('x');",
      "Error.stackTraceLimit=1e9; const f=(n:number):any=>n?f(n-1):(()=>{throw new "
      "Error('deep')})(); f(5000);",
      "throw new Proxy({}, {get(){for(;;);}});",
      "throw {toString(){for(;;);}};",
      "const e=new Error('x'); e.cause=e; throw e;",
      "const e=new Error('x'); Object.defineProperty(e,'cause',{get(){for(;;);}}); throw e;",
      "const e=new Error('x'); Object.defineProperty(e,'message',{get(){throw 2}}); throw e;",
      "throw new AggregateError([new Error('a'),new Error('b')],'all');",
      "class E extends Error{get name():string{for(;;);}}; throw new E('x');",
      "Object.prototype.then=function(){for(;;);}; export default {};",
      "Promise.prototype.then=function():any{for(;;);}; export default Promise.resolve(1);",
      "Object.defineProperty(Object.prototype,'file',{get(){for(;;);}}); throw new Error('z');",
      "Array.prototype[Symbol.iterator]=function*():any{for(;;)yield 1}; export default [1];",
      "Object.freeze(globalThis); export default 1;",
      "Object.getOwnPropertyNames=()=>{throw 1}; export default {a:1};",
      "globalThis.Object=null as any; export default {a:1};",
      "delete (globalThis as any).Promise; export default await import('./x.ts').then(m=>m.x);",
      "export default Reflect.ownKeys(globalThis).length;",
      "export { x as default } from './x.ts'; export * from './a.ts';",
      "export * from './a.ts'; export default 3;",
      "import * as self from './a.ts'; export default self;",
      "import * as self from './a.ts'; export default Object.keys(self);",
      "label: { break label; } export default new Function.prototype.constructor('return 1')();",
      "export default new (class extends Array{constructor(){super(4294967295)}});",
      "export default new Uint8Array(2**33);",
      "let x=''; for(;;) x+=x+'ab';",
      "const m=new WeakMap(); for(;;) m.set({}, new Array(1000));",
      "for(;;) new Uint8Array(1e6);",
      "async function f():Promise<any>{ await f(); } await f();",
      "export default new RegExp('('.repeat(50000));",
      "export default new RegExp('(?:a?){50000}a{50000}').test('a'.repeat(50000));",
      "export default ((a:any)=>a.b.c)({});",
      "export default String.raw`${{toString(){for(;;);}}}`;",
      "export default [1,2,3].toSorted;",
      "export default Atomics;",
      "export default Object.getOwnPropertyDescriptor(globalThis,'Date')!.value;",
      "export default (function*(){yield 1})();",
      "while(true){ try { await null; } catch {} }",
      "export default (()=>{ try { return (globalThis as any).gc } catch(e) { return e } })();",
      "using x = {[Symbol.dispose](){}}; export default 1;",
      "console.log(new Proxy({}, {ownKeys(){for(;;);}}));",
      "console.log({get x(){for(;;);}}); export default 1;",
      "let c:any=[]; for(let i=0;i<1e6;++i) c.push(i); console.log(c); export default 1;",
  };
  script_world world;
  world.limits.time_ms = 100;
  world.limits.heap_bytes = std::size_t{48} << 20;
  world.file("x.ts", "export const x = 1;");
  world.file("alive.ts",
             "export default [1, 2].map((x) => ({ x })).length + typeof Promise.resolve().then;");
  for (auto& source : sources) {
    CAPTURE(source);
    world.file("a.ts", source);
    auto x = world.run("a.ts", script_context::library);
    if (!x)
      CHECK_FALSE(x.error().message.empty());
    CHECK(json(world.run("alive.ts", script_context::library)) == "\"2function\"");
  }
  CHECK(world.losses == 0);
}
