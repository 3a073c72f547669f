// What the built-in modules rely on while and after a script runs: the language as they found it. A script that has changed
// it is told so; otherwise a build would silently do something else.
import { fail, job } from "zako:syscall";

type Owner = Record<PropertyKey, unknown>;

/** A property, and what it was. */
interface Kept {
  readonly owner: Owner;
  readonly path: string;
  readonly key: PropertyKey;
  readonly was: unknown;
}

const kept: Kept[] = [];
const ownKeys = Reflect.ownKeys;

function keep(owner: object, path: string, ...keys: PropertyKey[]): void {
  for (const key of keys) kept.push({ owner: owner as Owner, path, key, was: (owner as Owner)[key] });
}

const { iterator, replace, species, split } = Symbol;
keep(globalThis, "", "Array", "JSON", "Map", "Math", "Number", "Object", "Promise", "Reflect", "Set", "String", "WeakMap");
// Without hasOwn: V8 adds that to a realm after its snapshot.
keep(Object, "Object", "entries", "fromEntries", "getPrototypeOf", "keys", "values");
keep(Array, "Array", "from", "isArray", species);
keep(
  Array.prototype, "Array.prototype", "constructor", "every", "filter", "flatMap", "forEach", "includes", "indexOf",
  "join", "lastIndexOf", "length", "map", "pop", "push", "shift", "slice", "some", "sort", "values", iterator,
);
keep(Map.prototype, "Map.prototype", "entries", "get", "has", "keys", "set", "values", iterator);
keep(Set.prototype, "Set.prototype", "add", "has", "values", iterator);
keep(WeakMap.prototype, "WeakMap.prototype", "get", "set");
keep(
  String.prototype, "String.prototype", "endsWith", "includes", "lastIndexOf", "replace", "replaceAll", "slice", "split",
  "startsWith", "trim",
);
keep(RegExp.prototype, "RegExp.prototype", "constructor", "exec", "flags", "test", replace, split);
keep(Promise.prototype, "Promise.prototype", "constructor", "then");
keep(Function.prototype, "Function.prototype", "call");
keep(Math, "Math", "abs", "floor", "max", "min", "trunc");
keep(JSON, "JSON", "stringify");
keep(Number, "Number", "isFinite");
keep(Reflect, "Reflect", "ownKeys");
for (const list of [[].values(), new Map().values(), new Set().values()])
  keep(Object.getPrototypeOf(list) as object, `the ${String(list).slice(8, -1)}'s prototype`, "next");
const { prototype } = Object;
const members = ownKeys(prototype).length;

function refuse(what: string, remedy: string): never {
  const position = { file: job.module, line: 0, column: 0 }; // nobody saw where
  fail({ code: "script", message: `the script has changed ${what}`, remedy, position });
}

function name({ path, key }: Kept): string {
  if (typeof key === "symbol") return `${path}[${key.description!}]`;
  return path === "" ? (key as string) : `${path}.${key}`;
}

/** Fails when a script has changed what the built-in modules rely on. Calls nothing that it could have changed. */
export function checkIntact(): void {
  for (let i = 0; i < kept.length; ++i) {
    const x = kept[i]!;
    if (x.owner[x.key] !== x.was)
      refuse(`${name(x)}, which Zako's own modules need`, "write a function of your own instead");
  }
  if (ownKeys(prototype).length !== members)
    refuse("Object.prototype, which everything inherits from", "give your own objects what they need");
}
