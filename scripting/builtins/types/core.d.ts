/** For all scripts: targets and files, and the types of what names them. */
declare module "zako:core" {
  /** What a rule declares when a build file calls it. Export it, or give it a name, and name it in other targets. */
  export class Target {
    private constructor();
    readonly #target: true;
  }

  /** A file as a rule's implementation sees it. */
  export class File {
    private constructor();
    /** Relative to the workspace. */
    readonly path: string;
    /** The label of the target whose action makes it; a source has none. */
    readonly owner?: string;
    /** The last part of the path. */
    readonly basename: string;
    /** With the dot: ".c". Empty when there is none. */
    readonly extension: string;
    readonly isSource: boolean;
    /** The path. */
    toString(): string;
  }

  /** A target that another one depends on, as a rule's implementation sees it. */
  export class Dependency {
    private constructor();
    /** "//path:name" */
    readonly label: string;
    readonly files: readonly File[];
    /** What the rule of that target provides, by name. */
    readonly providers: Readonly<Record<string, unknown>>;
    /** What `zako run` would start. */
    readonly executable: File | null;
  }

  /** A path relative to the BUILD.ts, a label ("//path:name", ":name"), or a target of the same file. */
  export type FileLike = string | Target;
  /** One or many of these; lists may stand in lists: `[glob("*.c"), "extra.c"]`. */
  export type Files = FileLike | readonly Files[];
  /** A target of the same file, or a label ("//path:name", ":name"). */
  export type LabelLike = string | Target;

  /** Stands for a path in an argument, alone or inside a template text: location() and out() of zako:rules/gen make it. */
  export interface Placeholder {
    toString(): string;
  }
  export type Argument = string | Placeholder;
}
