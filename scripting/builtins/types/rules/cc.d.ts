/** For build files: rules for C and C++, one action a source, headers found by the compiler. */
declare module "zako:rules/cc" {
  import { type Files, type LabelLike, type Target } from "zako:core";

  export interface CcAttrs {
    /** The target's name; its export's name when it is left out. */
    readonly name?: string;
    /** Sources (.c .cc .cpp .cxx .c++ .C .S .s), headers that only they include, and made objects and libraries. */
    readonly srcs?: Files;
    /** Libraries to compile against and to link. */
    readonly deps?: readonly LabelLike[];
    /** Folders of this package for -I, here and in everything that depends on it. */
    readonly includes?: readonly string[];
    /** Preprocessor names ("NAME" or "NAME=value"), here and in everything that depends on it. */
    readonly defines?: readonly string[];
    /** Preprocessor names for these sources only. */
    readonly localDefines?: readonly string[];
    /** Flags for all these sources. */
    readonly copts?: readonly string[];
    /** Flags for those in C. */
    readonly conlyopts?: readonly string[];
    /** Flags for those in C++. */
    readonly cxxopts?: readonly string[];
    /** Flags and libraries of the machine ("-lm") for the programs that this becomes part of. */
    readonly linkopts?: readonly string[];
  }

  export interface CcLibraryAttrs extends CcAttrs {
    /** Headers that its users include. */
    readonly hdrs?: Files;
  }

  export interface CcTestAttrs extends CcAttrs {
    /** Arguments of the program. */
    readonly args?: readonly string[];
    /** Files that it reads. */
    readonly data?: Files;
    readonly env?: Readonly<Record<string, string>>;
    /** Seconds; 0 for none. 300 when it is left out. */
    readonly timeout?: number;
  }

  /** A static library, zako-out/<package>/lib<name>.a; without sources, headers and flags alone. */
  export function ccLibrary(attrs: CcLibraryAttrs): Target;

  /** A program, zako-out/<package>/<name>. Linked as C++ when any source of it or of its libraries is C++. */
  export function ccBinary(attrs: CcAttrs): Target;

  /** A program that `zako test` runs in the workspace: it passes with exit code 0. */
  export function ccTest(attrs: CcTestAttrs): Target;
}
