/** For build files (BUILD.ts): the files of their package, its options and settings. */
declare module "zako:build" {
  export interface GlobOptions {
    /** Patterns of files to leave out. */
    exclude?: string | readonly string[];
  }

  /**
   * The files that match, relative to this file's folder, sorted. `*` and `?` stay within a folder, `**` matches folders
   * of any depth, `{a,b}` either, `[a-z]` one of a set. Folders with a BUILD.ts of their own are not entered.
   */
  export function glob(include: string | readonly string[], options?: GlobOptions): string[];

  /**
   * The value of an option that [options] of zako.toml declares: `--option NAME=VALUE`, [options] of a .zakorc, or its
   * default, whose type it has. Throws when no option has that name.
   */
  export function option<T extends boolean | number | string = boolean | number | string>(name: string): T;

  /**
   * The text of a file (UTF-8). The path is relative to the folder of the file that is run, and stays in its package.
   * Throws when there is no such file. A change of it runs the script again: `readText("VERSION").trim()`.
   */
  export function readText(path: string): string;

  /** The folder of this build file, relative to the workspace; empty at its root. */
  export const packageName: string;

  /** What the workspace's zako.ts exports; an empty object when there is none. */
  export function packageSettings<T = Record<string, unknown>>(): T;
}
