/** For build files (BUILD.ts): the files of their package, and its settings. */
declare module "zako:build" {
  export interface GlobOptions {
    /** Patterns of files to leave out. */
    exclude?: string | readonly string[];
  }

  /**
   * The files that match, relative to this file's folder, sorted. `*` and `?` stay within a folder, `**` matches folders of
   * any depth, `{a,b}` either, `[a-z]` one of a set. Folders with a BUILD.ts of their own are not entered.
   */
  export function glob(include: string | readonly string[], options?: GlobOptions): string[];

  /** The folder of this build file, relative to the workspace; empty at its root. */
  export const packageName: string;

  /** What the workspace's zako.ts exports; an empty object when there is none. */
  export function packageSettings<T = Record<string, unknown>>(): T;
}
