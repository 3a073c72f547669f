// The realm of a script: what would make its result depend on the machine, the time or chance is taken away, and says so.
import { console } from "zako:console";
import { fail } from "zako:syscall";

function refusal(name: string, why: string, remedy: string): () => never {
  return () =>
    fail({ code: "script", message: `${name} is not available in scripts: ${why}`, remedy });
}

/** Stands where something was: can be looked at (typeof, instanceof), not used. */
function tombstone(target: object, name: string, refuse: () => never): unknown {
  return new Proxy(target, {
    apply: refuse,
    construct: refuse,
    set: refuse,
    defineProperty: refuse,
    get(_target, key) {
      if (key === Symbol.hasInstance) return () => false;
      if (key === "name") return name;
      return refuse();
    },
  });
}

function define(owner: object, name: string, value: unknown): void {
  Object.defineProperty(owner, name, {
    value,
    writable: true,
    configurable: true,
    enumerable: false,
  });
}

const time = "a result must not depend on when it is made";
const chance = "a result must not depend on chance";
const memory = "a result must not depend on when memory is collected";
const threads = "a script has one thread";
const locale = "a result must not depend on the machine's language";

const noTime = "pass what you need as a setting of the package";
const noTimers = "nothing happens later: do it now, or await a promise";
const noLocale = "compare with < and >, and format with template texts";

const constructors: [name: string, why: string, remedy: string][] = [
  ["Date", time, noTime],
  ["WeakRef", memory, "keep the object itself"],
  ["FinalizationRegistry", memory, "clean up where the object is last used"],
  ["SharedArrayBuffer", threads, "use ArrayBuffer"],
  ["setTimeout", time, noTimers],
  ["setInterval", time, noTimers],
  ["setImmediate", time, noTimers],
  ["clearTimeout", time, noTimers],
  ["clearInterval", time, noTimers],
  ["clearImmediate", time, noTimers],
];

const namespaces: [name: string, why: string, remedy: string][] = [
  ["performance", time, noTime],
  ["crypto", chance, "derive names from the inputs"],
  ["Intl", locale, noLocale],
  ["Atomics", threads, "use plain variables"],
  ["WebAssembly", "scripts are TypeScript", "run a program with zako:rules/gen"],
];

const putBack: [name: string, value: unknown][] = [];

function banish(name: string, target: object, why: string, remedy: string): void {
  const value = tombstone(target, name, refusal(name, why, remedy));
  define(globalThis, name, value);
  if (name === "SharedArrayBuffer" || name === "WebAssembly") putBack.push([name, value]);
}

for (const [name, why, remedy] of constructors) banish(name, function () {}, why, remedy);
for (const [name, why, remedy] of namespaces) banish(name, {}, why, remedy);

define(Math, "random", refusal("Math.random", chance, "derive numbers from the inputs"));

const bytes = Object.getPrototypeOf(Uint8Array.prototype) as object;
const localized: [owner: object, type: string, methods: string[]][] = [
  [
    String.prototype,
    "String",
    ["localeCompare", "toLocaleLowerCase", "toLocaleUpperCase"],
  ],
  [Number.prototype, "Number", ["toLocaleString"]],
  [BigInt.prototype, "BigInt", ["toLocaleString"]],
  [Array.prototype, "Array", ["toLocaleString"]],
  [bytes, "TypedArray", ["toLocaleString"]],
];
for (const [owner, type, methods] of localized)
  for (const method of methods)
    define(owner, method, refusal(`${type}.prototype.${method}`, locale, noLocale));

define(globalThis, "console", console);
define(globalThis, "queueMicrotask", (callback: () => void): void => {
  void Promise.resolve().then(callback);
});

/** What V8 puts back into every realm that it makes of a snapshot. */
export function prepareRealm(): void {
  for (const [name, value] of putBack) define(globalThis, name, value);
}
