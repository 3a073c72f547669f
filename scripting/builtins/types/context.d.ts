/** For all scripts: what a script is run as. */
declare module "zako:context" {
  /** What a script can be run as. It decides which modules can be imported, and what may be asked. */
  export type ContextKind = "package" | "build" | "rule" | "toolchain" | "config" | "library";

  /**
   * The run that a module is part of. A file that several scripts import is run in each of them, and sees another
   * context in each:
   *
   *     import { context } from "zako:context";
   *     if (context.kind === "rule") throw new Error(`${context.module} cannot be implemented with this`);
   */
  export const context: {
    /** What the entry file of this run is used as. */
    readonly kind: ContextKind;
    /** The entry file of this run, relative to the workspace: "app/BUILD.ts". */
    readonly module: string;
    /**
     * The folder of the BUILD.ts, also when one of its rules is implemented; of other files, the one they lie in.
     * Relative to the workspace: "app"; empty at its root.
     */
    readonly package: string;
  };
}
