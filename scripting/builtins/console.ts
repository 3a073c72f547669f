// The console: what a script prints goes to the engine as lines with a level.
import { print } from "zako:syscall";

const maxDepth = 4;
const maxItems = 100;

function quote(text: string): string {
  return JSON.stringify(text);
}

function key(name: PropertyKey): string {
  if (typeof name === "symbol") return `[${String(name)}]`;
  const text = String(name);
  return /^[A-Za-z_$][\w$]*$/.test(text) ? text : quote(text);
}

function list(open: string, items: string[], total: number, close: string): string {
  if (total > items.length) items.push(`… ${total - items.length} more`);
  if (items.length === 0) return open + close;
  const line = `${open} ${items.join(", ")} ${close}`;
  if (line.length <= 100 && !line.includes("\n")) return line;
  return `${open}\n  ${items.join(",\n").replaceAll("\n", "\n  ")}\n${close}`;
}

function inspectMembers(value: object, seen: object[]): string[] {
  const items: string[] = [];
  for (const name of Reflect.ownKeys(value).slice(0, maxItems)) {
    const property = Object.getOwnPropertyDescriptor(value, name);
    if (property === undefined || property.enumerable !== true) continue;
    const shown = "value" in property ? inspectInner(property.value, seen) : "[accessor]";
    items.push(`${key(name)}: ${shown}`);
  }
  return items;
}

/** The first items of something that is gone through; its own iterator is not asked. */
function first<T>(items: Iterable<T>, show: (item: T) => string): string[] {
  const out: string[] = [];
  for (const item of items) {
    if (out.length === maxItems) break;
    out.push(show(item));
  }
  return out;
}

function inspectObject(value: object, seen: object[]): string {
  if (value instanceof Error) {
    const { stack } = value as { stack?: unknown };
    return typeof stack === "string" ? stack : `${value.name}: ${value.message}`;
  }
  if (value instanceof RegExp) return String(value);
  const inner = (x: unknown): string => inspectInner(x, seen);
  if (Array.isArray(value))
    return list("[", first(Array.prototype.values.call(value), inner), value.length, "]");
  if (value instanceof Map) {
    const items = first(Map.prototype.entries.call(value), ([k, v]) => `${inner(k)} => ${inner(v)}`);
    return list(`Map(${value.size}) {`, items, value.size, "}");
  }
  if (value instanceof Set)
    return list(`Set(${value.size}) {`, first(Set.prototype.values.call(value), inner), value.size, "}");
  if (value instanceof Promise) return "Promise {}";
  const prototype = Object.getPrototypeOf(value) as { constructor?: { name?: unknown } } | null;
  const type = prototype?.constructor?.name;
  const open = typeof type === "string" && type !== "Object" && type !== "" ? `${type} {` : "{";
  const total = Object.keys(value).length;
  return list(open, inspectMembers(value, seen), total, "}");
}

/** What is printed must not end the script: a getter may throw, and so may a proxy. */
function orNothing(show: () => string): string {
  try {
    return show();
  } catch {
    return "[cannot be shown]";
  }
}

function inspectInner(value: unknown, seen: object[]): string {
  switch (typeof value) {
    case "string":
      return quote(value);
    case "bigint":
      return `${value}n`;
    case "symbol":
      return String(value);
    case "function":
      return `[function ${value.name || "(unnamed)"}]`;
    case "object":
      if (value === null) return "null";
      if (seen.includes(value)) return "[circular]";
      if (seen.length === maxDepth) return Array.isArray(value) ? "[array]" : "[object]";
      return orNothing(() => inspectObject(value, [...seen, value]));
    default:
      return Object.is(value, -0) ? "-0" : String(value);
  }
}

/** A value as its author would write it; texts as they are. */
export function inspect(value: unknown): string {
  return typeof value === "string" ? value : inspectInner(value, []);
}

/** The arguments of console.log as one text; `%s %d %i %f %j %o %O %%` in the first. */
export function format(...values: unknown[]): string {
  const [first, ...rest] = values;
  if (typeof first !== "string" || !first.includes("%")) return values.map(inspect).join(" ");
  const text = first.replace(/%[sdifjoO%]/g, (code) => {
    if (code === "%%") return "%";
    if (rest.length === 0) return code;
    const value = rest.shift();
    switch (code) {
      case "%s":
        return inspect(value);
      case "%d":
      case "%f":
        return orNothing(() => String(Number(value)));
      case "%i":
        return orNothing(() => String(Math.trunc(Number(value))));
      case "%j":
        return orNothing(() => JSON.stringify(value) ?? "undefined");
      default:
        return inspectInner(value, []);
    }
  });
  return [text, ...rest.map(inspect)].join(" ");
}

let indent = "";
const counts = new Map<string, number>();

function write(level: "debug" | "info" | "warn" | "error", values: unknown[]): void {
  const text = format(...values);
  print(level, indent === "" ? text : indent + text.replaceAll("\n", "\n" + indent));
}

export const console = {
  debug: (...values: unknown[]): void => write("debug", values),
  log: (...values: unknown[]): void => write("info", values),
  info: (...values: unknown[]): void => write("info", values),
  warn: (...values: unknown[]): void => write("warn", values),
  error: (...values: unknown[]): void => write("error", values),
  trace: (...values: unknown[]): void =>
    write("debug", [`${format(...values)}\n${new Error().stack?.split("\n").slice(2).join("\n") ?? ""}`]),
  assert: (condition?: unknown, ...values: unknown[]): void => {
    if (!condition) write("error", ["assertion failed:", ...values]);
  },
  dir: (value: unknown): void => write("info", [value]),
  count: (label = "default"): void => {
    const n = (counts.get(label) ?? 0) + 1;
    counts.set(label, n);
    write("info", [`${label}: ${n}`]);
  },
  group: (...values: unknown[]): void => {
    if (values.length > 0) write("info", values);
    indent += "  ";
  },
  groupEnd: (): void => {
    indent = indent.slice(2);
  },
};
