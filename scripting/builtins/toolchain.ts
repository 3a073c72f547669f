// For toolchain files: what the machine has.
import { call } from "zako:syscall";

export { env, readText } from "zako:core/ask";

export interface ProbeResult {
  /** The exit code. */
  code: number;
  /** What it printed. */
  text: string;
}

/** The absolute path of the first of these programs that is on the search path, or that is named by its absolute path. */
export function which(...names: string[]): string | null {
  return call("which", { names }) as string | null;
}

/** Runs a program, by its absolute path, and tells what it printed. */
export function probe(argv: readonly string[]): ProbeResult {
  return call("probe", { argv }) as ProbeResult;
}
