// Runs around every script: prepares the realm before it, and makes its result of what it exports.
import { prepareRealm } from "zako:global"; // first: the others find the realm as scripts do
import { begin as beginModules } from "zako:core/begin";
import { collectTargets } from "zako:core/collect";
import { checkIntact } from "zako:core/intact";
import { definitionOf, implementRule } from "zako:core/rule";
import { fail, job } from "zako:syscall";

type Namespace = Record<string, unknown>;

const { getOwnPropertyDescriptor } = Object; // a script may put another one there

/** The file as the entry's author knows it. */
function place(): { file: string; line: number; column: number } {
  return { file: job.module, line: 0, column: 0 };
}

function exported(entry: Namespace, name: string): unknown {
  if (getOwnPropertyDescriptor(entry, name) === undefined)
    fail({
      code: "script",
      message: `'${job.module}' does not export ${name === "default" ? "a default" : `'${name}'`}`,
      remedy: name === "default" ? "write export default …" : `write export const ${name} = …`,
      position: place(),
    });
  return entry[name];
}

async function implement(entry: Namespace): Promise<unknown> {
  checkIntact();
  const definition = definitionOf(exported(entry, job.function));
  if (definition === undefined)
    fail({
      code: "script",
      message: `'${job.function}' of '${job.module}' is not a rule`,
      remedy: "make it with rule({ … })",
      position: place(),
    });
  const implemented = await implementRule(definition, job.argument);
  checkIntact();
  return implemented;
}

/** The result is what is exported as data; asked before the script can change how that is found out. */
let givesData = false;

/** Called before anything of a script is loaded. */
export function begin(): void {
  givesData = job.context === "library" || job.context === "rule" || job.module.startsWith("memory:");
  prepareRealm();
  beginModules();
}

/** Nothing but null, booleans, numbers, texts, and arrays and objects of those; a ring is told by who reads it. */
function isPlain(value: unknown, seen: Set<unknown>): boolean {
  if (typeof value !== "object" || value === null || seen.has(value))
    return !["function", "symbol", "bigint"].includes(typeof value);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (!Array.isArray(value) && prototype !== Object.prototype && prototype !== null) return false;
  seen.add(value);
  return Object.values(value).every((member) => isPlain(member, seen));
}

/** The default export; without one, all that are plain data. */
function exportedData(entry: Namespace): unknown {
  if (getOwnPropertyDescriptor(entry, "default") === undefined)
    return Object.fromEntries(Object.entries(entry).filter(([, x]) => isPlain(x, new Set())));
  if (typeof entry.default === "function")
    fail({
      code: "script",
      message: `the default export of '${job.module}' is a function, which is no data`,
      remedy: "export what it gives: export default f(…)",
      position: place(),
    });
  return entry.default;
}

/** Called once the entry module has been evaluated; what it gives is the evaluation's result. */
export function finish(entry: Namespace): unknown {
  if (job.context === "rule" && job.function !== "") return implement(entry);
  if (job.function !== "") {
    const f = exported(entry, job.function);
    if (typeof f !== "function")
      fail({
        code: "script",
        message: `'${job.function}' of '${job.module}' is not a function`,
        position: place(),
      });
    return (f as (argument: unknown) => unknown)(job.argument);
  }
  if (givesData) return exportedData(entry);
  if (job.context === "build") {
    checkIntact();
    return collectTargets(entry);
  }
  return exported(entry, "default");
}
