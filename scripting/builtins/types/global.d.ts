/** What every script has besides the language itself. */

// There is no clock, no chance, no timer, no network and no file access: the result of a script depends on what it
// imports and asks for, and on nothing else. zako:global, which no file can import, takes away what would make results differ:
// Date, Intl, performance, crypto, Math.random, WeakRef, FinalizationRegistry, timers, SharedArrayBuffer, Atomics,
// WebAssembly, eval, Function, and methods that follow the machine's language. Using one throws an error that says why.

/** Prints lines that the build shows with the file they come from. */
declare var console: {
  debug(...values: unknown[]): void;
  log(...values: unknown[]): void;
  info(...values: unknown[]): void;
  warn(...values: unknown[]): void;
  error(...values: unknown[]): void;
  /** Prints the place of the call as well. */
  trace(...values: unknown[]): void;
  assert(condition?: unknown, ...values: unknown[]): void;
  dir(value: unknown): void;
  count(label?: string): void;
  group(...values: unknown[]): void;
  groupEnd(): void;
};

/** Calls back when the code that runs now is done. */
declare function queueMicrotask(callback: () => void): void;

interface ImportMeta {
  /** "workspace:///app/BUILD.ts" */
  readonly url: string;
  /** The file's path, relative to the workspace. */
  readonly filename: string;
  /** The file's folder, relative to the workspace; empty at its root. */
  readonly dirname: string;
}
