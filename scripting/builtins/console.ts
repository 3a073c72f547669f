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

function inspectObject(value: object, seen: object[]): string {
  if (value instanceof Error) return value.stack ?? `${value.name}: ${value.message}`;
  if (value instanceof RegExp) return String(value);
  if (Array.isArray(value)) {
    const items = value.slice(0, maxItems).map((x: unknown) => inspectInner(x, seen));
    return list("[", items, value.length, "]");
  }
  if (value instanceof Map) {
    const items = [...value]
      .slice(0, maxItems)
      .map(([k, v]) => `${inspectInner(k, seen)} => ${inspectInner(v, seen)}`);
    return list(`Map(${value.size}) {`, items, value.size, "}");
  }
  if (value instanceof Set) {
    const items = [...value].slice(0, maxItems).map((x: unknown) => inspectInner(x, seen));
    return list(`Set(${value.size}) {`, items, value.size, "}");
  }
  if (value instanceof Promise) return "Promise {}";
  const prototype = Object.getPrototypeOf(value) as { constructor?: { name?: unknown } } | null;
  const type = prototype?.constructor?.name;
  const open = typeof type === "string" && type !== "Object" && type !== "" ? `${type} {` : "{";
  const total = Object.keys(value).length;
  return list(open, inspectMembers(value, seen), total, "}");
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
      return inspectObject(value, [...seen, value]);
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
        return String(Number(value));
      case "%i":
        return String(Math.trunc(Number(value)));
      case "%j":
        return JSON.stringify(value) ?? "undefined";
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
