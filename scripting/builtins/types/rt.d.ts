/** Runs around every script: prepares the realm, and makes the result of what is exported. No file can import it. */
declare module "zako:rt" {
  /** Called before anything of a script is loaded. */
  export function begin(): void;
  /**
   * Called with the namespace of the entry file when that was evaluated. What it gives, or the promise of it, is the
   * result of the run: the targets of a build file, actions and providers of a rule's implementation, what the named
   * function gave, or else the default export.
   */
  export function finish(entry: Record<string, unknown>): unknown;
}
