// Run after each hostile script: the language in this realm, as text. Anything that a script left behind would show.
const seen = new Set<unknown>([globalThis]);
const queue: [string, object][] = [["", globalThis]];
const lines: string[] = [];

function visit(x: unknown, path: string): void {
  if ((typeof x !== "object" && typeof x !== "function") || x === null || seen.has(x)) return;
  seen.add(x);
  queue.push([path, x]);
}

for (const [path, x] of Object.entries({
  "%GeneratorFunction%": function* () {},
  "%AsyncFunction%": async function () {},
  "%AsyncGeneratorFunction%": async function* () {},
  "%ArrayIterator%": [].values(),
  "%StringIterator%": ""[Symbol.iterator](),
  "%MapIterator%": new Map().values(),
  "%SetIterator%": new Set().values(),
  "%RegExpStringIterator%": "".matchAll(/x/g),
}))
  visit(Object.getPrototypeOf(x), path);

for (const [path, owner] of queue) {
  const keys: string[] = [];
  for (const key of Reflect.ownKeys(owner)) {
    if (typeof owner === "function" && (key === "length" || key === "name")) continue;
    const name = typeof key === "symbol" ? `[${key.description ?? ""}]` : key;
    const inner = path === "" ? name : `${path}.${name}`;
    const { value, get, set } = Object.getOwnPropertyDescriptor(owner, key)!;
    keys.push(name);
    visit(value, inner);
    visit(get, `${inner}.get`);
    visit(set, `${inner}.set`);
  }
  visit(Object.getPrototypeOf(owner), `${path}.__proto__`);
  if (keys.length > 0) lines.push(`${path === "" ? "globalThis" : path}: ${keys.join(" ")}`);
}

/** What there is, an object a line. */
export const realm = lines;

/** Whether it works. */
export async function works(): Promise<string> {
  class A { #x = 1; static s = 2; get x() { return this.#x; } }
  const { a, ...rest } = { a: 1, b: [2, [3]], c: new A().x };
  const list = [3, 1, 2].sort().map((x) => x * 2).filter((x) => x > 2).flatMap((x) => [x, x]);
  const texts = ["aXbX".replaceAll("X", "-"), "a,b".split(/,/), /(?<y>\d+)/u.exec("ä12")?.groups?.["y"], "ﬁ".normalize("NFKC")];
  const maps = [...new Map([[1, new Set("hello")]])].map(([k, v]) => [k, [...v].join("")]);
  const waited = await Promise.all([1, Promise.resolve(2), (async () => { await null; return 3; })()]);
  let caught = "";
  try { null!.toString(); } catch (e) { caught = (e as Error).message; }
  async function* g() { yield* [1, 2]; }
  for await (const x of g()) list.push(x);
  const proxy = new Proxy({}, { get: (_t, k) => String(k) }) as { y: string };
  return JSON.stringify([a, rest, A.s, list, texts, maps, waited, caught, proxy.y, new Uint8Array([256, 1]).length, 2n ** 70n > 1n, ({} as { evil?: 1 }).evil ?? 0]);
}

export default { realm, works: await works() };
