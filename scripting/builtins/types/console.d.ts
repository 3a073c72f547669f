/** For all scripts: the console as a module, and how it writes values. */
declare module "zako:console" {
  /** The same as the global one. */
  export const console: typeof globalThis.console;
  /** The arguments of console.log as one text; `%s %d %i %f %j %o %O %%` in the first are filled in. */
  export function format(...values: unknown[]): string;
  /** A value as its author would write it; texts as they are. */
  export function inspect(value: unknown): string;
}
