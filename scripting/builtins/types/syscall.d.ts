/** The only way out of JavaScript, made by the isolate (isolate/syscall_module.cpp). No file can import it. */
declare module "zako:syscall" {
  /** A place in a file of the workspace. Lines and columns count from 1. */
  export interface Position {
    file: string;
    line: number;
    column: number;
  }

  export interface ErrorDescription {
    /** A name of zako::errc, such as "invalid_attribute". */
    code: string;
    /** What failed, one line. */
    message: string;
    /** What to do about it, one line. */
    remedy?: string;
    /** Where; the caller outside built-in modules when it is left out. */
    position?: Position | null;
    causes?: { message: string; position?: Position | null }[];
  }

  /** Asks the engine; blocks. Throws what the engine refuses. */
  export function call(operation: string, argument: unknown): unknown;

  /** One console line. */
  export function print(level: "debug" | "info" | "warn" | "error", text: string): void;

  /** What is loaded: ids and namespaces, in the order of loading. */
  export function modules(): [id: string, namespace: Record<string, unknown>][];

  /**
   * Where the nearest code outside built-in modules is, as a number for `position`; -1 when there is none, or when nobody
   * watches: see `position`.
   */
  export function here(): number;

  /**
   * What a number of `here` stands for; null for -1. A run that asks, fails, and was not watched is run again, watched:
   * so what a run costs that succeeds does not depend on what an error would tell.
   */
  export function position(place: number): Position | null;

  /** BLAKE3 of a text's UTF-8 or of bytes, as 64 hexadecimal digits. */
  export function hash(data: string | Uint8Array): string;

  /** Throws an error that, when nothing catches it, is what the evaluation fails with. */
  export function fail(description: ErrorDescription): never;

  /** What is evaluated, and its argument. */
  export const job: {
    readonly module: string;
    readonly context: "package" | "build" | "rule" | "toolchain" | "config" | "library";
    readonly function: string;
    readonly argument: any;
    /** The positions of targets are wanted. */
    readonly places: boolean;
  };
}
