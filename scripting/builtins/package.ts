// For zako.ts: the settings of a package.
import { fail, job } from "zako:syscall";

export { option } from "zako:core/ask";

export interface PackageContext {
  /** What zako.toml says, as plain data. */
  readonly manifest: Readonly<Record<string, unknown>>;
}

/** Settings, or a function that makes them from the manifest: `export default definePackage({ … })`. */
export function definePackage<T extends object>(settings: T | ((context: PackageContext) => T)): T {
  const made: unknown =
    typeof settings === "function"
      ? (settings as (context: PackageContext) => T)({ manifest: job.argument?.manifest ?? {} })
      : settings;
  if (typeof made !== "object" || made === null || Array.isArray(made))
    fail({
      code: "script",
      message: "the settings of a package must be an object",
      remedy: "write export default definePackage({ … })",
    });
  return made as T;
}
