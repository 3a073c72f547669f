/** For rule files (*.rule.ts): how rules are made. */
declare module "zako:rule" {
  import {
    type Argument,
    Dependency,
    File,
    type FileLike,
    type Files,
    type LabelLike,
    type Target,
  } from "zako:core";
  export { Dependency, File };
  export type { Files };

  /** The type of an attribute: what a build file gives (In), and what the implementation gets (Out). */
  export interface Attr<In, Out> {
    readonly given?: In;
    readonly restored?: Out;
  }
  export type Attrs = Record<string, Attr<unknown, unknown>>;

  export interface Options<T> {
    /** When it is not given. Without one, lists and maps are empty, booleans false, and the others must be given. */
    default?: T;
    /** Must be given although it could be left out. */
    required?: boolean;
  }

  /** A program to run, with its first arguments. */
  export interface Tool {
    command: string | File;
    args: readonly (string | File)[][];
  }

  /** How attributes are declared: `attrs: { srcs: attr.files(), out: attr.string() }`. */
  export const attr: {
    /** A text. With `values`: one of these. */
    string<const T extends string = string>(options?: Options<T> & { values?: readonly T[] }): Attr<T, T>;
    number(options?: Options<number>): Attr<number, number>;
    boolean(options?: Options<boolean>): Attr<boolean, boolean>;
    strings(options?: Options<readonly string[]>): Attr<readonly string[], readonly string[]>;
    /** Texts by name. */
    stringMap(
      options?: Options<Readonly<Record<string, string>>>,
    ): Attr<Readonly<Record<string, string>>, Readonly<Record<string, string>>>;
    /** Any plain data; null when it is not given. */
    json(options?: Options<unknown>): Attr<unknown, unknown>;
    /** One file. Null when it is optional and not given. */
    file(options?: {
      optional?: boolean;
      extensions?: readonly string[];
    }): Attr<FileLike, File | null>;
    /** Files: paths, labels, targets, and lists of them. Extensions are checked on paths. */
    files(options?: {
      required?: boolean;
      extensions?: readonly string[];
    }): Attr<Files, readonly File[]>;
    /** One target, with what its rule provides. Null when it is optional and not given. */
    label(options?: { optional?: boolean }): Attr<LabelLike, Dependency | null>;
    /** Targets, with what their rules provide. */
    labels(options?: { required?: boolean }): Attr<readonly LabelLike[], readonly Dependency[]>;
    /** Arguments of a program; may contain location(…) and out(…). Each becomes a list of texts and files. */
    args(): Attr<readonly Argument[], readonly (string | File)[][]>;
    /** A program: a target, a file ("./gen.py"), a program of the machine ("awk"), or a list that begins with one. */
    tool(): Attr<FileLike | readonly [FileLike, ...Argument[]], Tool>;
  };

  /** A number, or of memory a size such as "512M". */
  export type Amount = number | string;
  /** From `min` to `max`, as much as is free; without `max` all that is free. */
  export interface AmountRange {
    min: Amount;
    max?: Amount;
    /** An estimate: others may be run beside it although there is a little too little. */
    soft?: boolean;
  }

  export interface ActionOptions {
    /** A short word for the kind of action: "Compile". */
    mnemonic: string;
    /** What the display shows: "CC src/lua.o". The mnemonic and the first output when it is left out. */
    title?: string;
    /**
     * The program and its arguments; there is no shell. A list among them becomes one argument. Files become inputs, or
     * outputs when they were declared here and nothing made them yet. A program without a '/' is one of the machine's.
     */
    argv: readonly (string | File | readonly (string | File)[])[];
    /** The whole environment; nothing is taken from that of the build. */
    env?: Readonly<Record<string, string>>;
    inputs?: readonly File[];
    outputs?: readonly File[];
    /** Where standard output goes. */
    stdout?: File;
    /** A Makefile-style list of what else was read, written by the program. */
    depfile?: File;
    /**
     * What it needs of the machine while it runs: { cpu: 2, memory: "4G", license: { min: 1, max: 3 } }. One cpu when
     * it does not say. Names and amounts of the machine: `zako info --resources`.
     */
    resources?: Readonly<Record<string, Amount | AmountRange>>;
    /** It speaks GNU make's jobserver: it may use cpus that are free besides. */
    jobserver?: boolean;
  }

  export interface Actions {
    /** A file that this target makes, by its path below zako-out/<package>/. The same name gives the same file. */
    declareFile(name: string): File;
    /** Declares an action: a program that makes files. */
    run(options: ActionOptions): void;
  }

  export interface RuleContext<A> {
    /** "//path:name" */
    readonly label: string;
    /** The folder of the BUILD.ts. */
    readonly package: string;
    readonly name: string;
    readonly attrs: { readonly [K in keyof A]: A[K] extends Attr<infer _In, infer Out> ? Out : never };
    readonly actions: Actions;
    /** What the rule's toolchains gave. */
    readonly toolchains: Readonly<Record<string, unknown>>;
  }

  export interface TestInfo {
    /** The program and its arguments. */
    argv: readonly (string | File)[];
    env?: Readonly<Record<string, string>>;
    /** Files it reads. */
    inputs?: readonly File[];
    /** Seconds. */
    timeout?: number;
  }

  export interface RuleResult {
    /** What the target stands for where files are wanted. */
    files?: readonly File[];
    /** For rules that depend on this one: plain data and files, by name. */
    providers?: Readonly<Record<string, unknown>>;
    /** What `zako run` starts. */
    executable?: File;
    /** Makes it a test: it passes with exit code 0. */
    test?: TestInfo;
  }

  export interface RuleDefinition<A> {
    attrs: A;
    /** Names of toolchains: "cc", "host" (the machine's programs). Only "host" when it is left out. */
    toolchains?: readonly string[];
    implement(context: RuleContext<A>): RuleResult;
  }

  /** What a build file calls. `name` may be left out when the target is exported. */
  export type Rule<A> = (
    attrs: { readonly name?: string } & {
      readonly [K in keyof A]?: A[K] extends Attr<infer In, infer _Out> ? In : never;
    },
  ) => Target;

  /** Makes a rule. Export it under the name it is called by. */
  export function rule<const A extends Attrs>(definition: RuleDefinition<A>): Rule<A>;
}
