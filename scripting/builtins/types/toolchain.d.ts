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

  /**
   * The text of a file (UTF-8). The path is relative to the folder of the file that is run, and stays in its package.
   * Throws when there is no such file. A change of it runs the script again: `readText("VERSION").trim()`.
   */
  export function readText(path: string): string;

  /** Runs a program, by its absolute path, and tells what it printed. */
  export function probe(argv: readonly string[]): ProbeResult;
}
