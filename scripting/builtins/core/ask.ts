// What several kinds of script may ask: each is a dependency of what asked.
import { call } from "zako:syscall";

/** The value of an option that zako.toml declares in [options]. */
export function option(name: string): boolean | number | string {
  return call("option", { name }) as boolean | number | string;
}

/** An environment variable of the build. */
export function env(name: string): string | null {
  return call("env", { name }) as string | null;
}

/** The text of a source file of this package; the path is relative to the folder of the file that is evaluated. */
export function readText(path: string): string {
  return call("read", { path }) as string;
}
