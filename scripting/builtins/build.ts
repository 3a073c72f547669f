// For build files: the files of their package, its options and settings.
import { atBegin } from "zako:core/begin";
import { refuseAttribute } from "zako:core/errors";
import { call, job } from "zako:syscall";

export { option, readText } from "zako:core/ask";

export interface GlobOptions {
  exclude?: string | readonly string[];
}

function patterns(value: unknown, what: string): string[] {
  const list: unknown[] = Array.isArray(value) ? value : [value];
  for (const pattern of list)
    if (typeof pattern !== "string")
      refuseAttribute(`glob: ${what} must be a text or a list of texts`, 'write glob("src/*.c")');
  return list as string[];
}

/** The files that match, relative to this file's folder, sorted. */
export function glob(include: string | readonly string[], options: GlobOptions = {}): string[] {
  return call("glob", {
    include: patterns(include, "the pattern"),
    exclude: patterns(options.exclude ?? [], "'exclude'"),
  }) as string[];
}

/** The folder of this build file, relative to the workspace; empty at its root. */
export let packageName = "";
atBegin(() => {
  packageName = (job.argument?.package as string | undefined) ?? "";
});

/** What the package's zako.ts exports. */
export function packageSettings<T = Record<string, unknown>>(): T {
  return (job.argument.settings ?? {}) as T;
}
