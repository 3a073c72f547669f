/** For toolchain files (*.toolchain.ts): what the machine has. */
declare module "zako:toolchain" {
  export interface ProbeResult {
    /** The exit code. */
    code: number;
    /** What it printed. */
    text: string;
  }

  /** The absolute path of the first of these programs that is on the search path. */
  export function which(...names: string[]): string | null;

  /** An environment variable of the build. */
  export function env(name: string): string | null;

  /** Runs a program, by its absolute path, and tells what it printed. */
  export function probe(argv: readonly string[]): ProbeResult;
}
