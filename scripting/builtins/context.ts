// What is evaluated.
import { dirname } from "zako:core/label";
import { job } from "zako:syscall";

export const context = {
  /** What the file that is evaluated is used as. */
  get kind(): "package" | "build" | "rule" | "toolchain" | "config" | "library" {
    return job.context;
  },
  /** That file, relative to the workspace. */
  get module(): string {
    return job.module;
  },
  /** The folder of the BUILD.ts; of other files, the one they lie in. Empty for the workspace itself. */
  get package(): string {
    return (job.argument?.package as string | undefined) ?? dirname(job.module);
  },
};
