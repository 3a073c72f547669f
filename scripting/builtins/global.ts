// The realm of a script: what would make its result depend on the machine, the time or chance is taken away, and says so.
// Code from text needs nothing here: V8 refuses it (`AllowCodeGenerationFromStrings`).
import { console } from "zako:console";
import { fail } from "zako:syscall";

type Refusal = () => never;

function refusal(name: string, why: string, remedy: string): Refusal {
  return () =>
    fail({ code: "script", message: `${name} is not available in scripts: ${why}`, remedy });
}

/** Stands where something was: can be looked at (typeof, instanceof), not used. */
function tombstone(target: object, name: string, refuse: Refusal): unknown {
  return new Proxy(target, {
    apply: refuse,
    construct: refuse,
    set: refuse,
    defineProperty: refuse,
    deleteProperty: refuse,
    preventExtensions: refuse,
    setPrototypeOf: refuse,
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
const first = "a result must not depend on which promise is settled first";
const hidden = "it changes with every match, also of other code";
const unknown = "two runs never make the same symbol";

const noTime = "pass what you need as a setting of the package";
const noTimers = "nothing happens later: do it now, or await a promise";
const noLocale = "compare with < and >, and format with template texts";
const noRace = "wait for all of them with Promise.all or Promise.allSettled";

type Names = readonly (readonly [name: string, why: string, remedy: string])[];

const constructors: Names = [
  ["Date", time, noTime],
  ["WeakRef", memory, "keep the object itself"],
  ["FinalizationRegistry", memory, "clean up where the object is last used"],
  ["setTimeout", time, noTimers],
  ["setInterval", time, noTimers],
  ["setImmediate", time, noTimers],
  ["clearTimeout", time, noTimers],
  ["clearInterval", time, noTimers],
  ["clearImmediate", time, noTimers],
];

const namespaces: Names = [
  ["performance", time, noTime],
  ["crypto", chance, "derive names from the inputs"],
  ["Intl", locale, noLocale],
];

// V8 itself sets these up in each new context, and a newer one expects to find its own Atomics in a snapshot.
const lateConstructors: Names = [["SharedArrayBuffer", threads, "use ArrayBuffer"]];
const lateNamespaces: Names = [
  ["Atomics", threads, "use plain variables"],
  ["WebAssembly", "scripts are TypeScript", "run a program with zako:rules/gen"],
];

// Bound, so that it can be called and constructed and has no prototype to reach.
const callable = function () {}.bind(undefined);

function tombstones(all: Names, target: object): [name: string, value: unknown][] {
  return all.map(([name, why, remedy]) => [name, tombstone(target, name, refusal(name, why, remedy))]);
}

const late = [...tombstones(lateConstructors, callable), ...tombstones(lateNamespaces, {})];

/** Takes away what V8 puts back into each context that it makes of a snapshot. */
export function prepareRealm(): void {
  for (const [name, value] of late) define(globalThis, name, value);
}

for (const [name, value] of [...tombstones(constructors, callable), ...tombstones(namespaces, {})])
  define(globalThis, name, value);

const methods: readonly [owner: object, type: string, names: readonly string[], why: string, remedy: string][] = [
  [Math, "Math", ["random"], chance, "derive numbers from the inputs"],
  [Promise, "Promise", ["race", "any"], first, noRace],
  [String.prototype, "String.prototype", ["localeCompare", "toLocaleLowerCase", "toLocaleUpperCase"], locale, noLocale],
];
for (const [owner, type, names, why, remedy] of methods)
  for (const name of names) define(owner, name, refusal(`${type}.${name}`, why, remedy));

const typedArray = Object.getPrototypeOf(Uint8Array) as { prototype: object };
for (const type of [Object, Number, BigInt, Array, typedArray]) {
  const name = type === typedArray ? "TypedArray" : (type as { name: string }).name;
  define(type.prototype, "toLocaleString", refusal(`${name}.prototype.toLocaleString`, locale, noLocale));
}

const lastMatch = [
  "input", "$_", "lastMatch", "$&", "lastParen", "$+", "leftContext", "$`", "rightContext", "$'",
  "$1", "$2", "$3", "$4", "$5", "$6", "$7", "$8", "$9",
];
for (const name of lastMatch) {
  const refuse = refusal(`RegExp["${name}"]`, hidden, "use what exec, match or matchAll gives");
  Object.defineProperty(RegExp, name, { get: refuse, set: refuse, configurable: true, enumerable: false });
}

const RegisteredSymbol = function (): never {
  return refuseSymbol();
};
const refuseSymbol = refusal("Symbol()", unknown, 'use Symbol.for("name")');
Object.defineProperties(RegisteredSymbol, Object.getOwnPropertyDescriptors(Symbol));
define(Symbol.prototype, "constructor", RegisteredSymbol);
define(globalThis, "Symbol", RegisteredSymbol);

define(globalThis, "console", console);
define(globalThis, "queueMicrotask", (callback: () => void): void => {
  void Promise.resolve().then(callback);
});
