/** For build files: files made by running a program. */
declare module "zako:rules/gen" {
  import { type Argument, type FileLike, type Files, type Placeholder, type Target } from "zako:core";
  export type { Argument, Placeholder };

  /** The path of a file, which becomes an input. Of a target: all its files, separated by spaces. */
  export function location(file: FileLike): Placeholder;

  /** The path of an output, by its name in `outs`. */
  export function out(name: string): Placeholder;

  export interface GenerateAttrs {
    /** The target's name; its export's name when it is left out. */
    readonly name?: string;
    /**
     * What to run: a target (say, a ccBinary), a file ("./gen.py"), a program of the machine ("awk", "/opt/x/bin/y"), or a
     * list that begins with one of these.
     */
    readonly tool: FileLike | readonly [FileLike, ...Argument[]];
    /** Files it reads, besides those in its arguments. */
    readonly srcs?: Files;
    /** Files it makes, below zako-out/<package>/. */
    readonly outs?: readonly string[];
    /** Its arguments; there is no shell. `["-o", out("x.h"), `--from=${location("x.txt")}`]` */
    readonly args?: readonly Argument[];
    /** The file that gets its standard output; one of `outs`, or one more. */
    readonly stdout?: string;
    /** The environment, besides PATH and LC_ALL. */
    readonly env?: Readonly<Record<string, string>>;
  }

  /**
   * Runs a program, in the workspace, to make files:
   *
   *     export const table = generate({
   *       tool: ["awk", "-f", location("table.awk")],
   *       args: [location("words.txt")],
   *       stdout: "table.h",
   *     });
   */
  export function generate(attrs: GenerateAttrs): Target;
}
