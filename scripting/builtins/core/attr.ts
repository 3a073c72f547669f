// The types of attributes: each checks what a build file gives, makes it plain data, and gives it back to the rule's
// implementation. Files are { path } or { label }; of a target of this file, the label is set when targets have names.
import { atBegin } from "zako:core/begin";
import { describe, didYouMean, refuseAttribute } from "zako:core/errors";
import { Dependency, File, toDependency, toFile } from "zako:core/file";
import { extension, isLabelText, isPlainPath, joinPath, parseLabel } from "zako:core/label";
import { Placeholder, splitPlaceholders } from "zako:core/placeholder";
import { Target, type Reference } from "zako:core/target";
import { job } from "zako:syscall";

/** A path relative to the BUILD.ts, a label, or a target of this file. */
export type FileLike = string | Target;
export type Files = FileLike | readonly Files[];
export type LabelLike = string | Target;
export type Argument = string | Placeholder;

/** Where a value stands: an attribute, or an element of one. Its text is only made for a message. */
export class Place {
  readonly #rule: () => string;
  readonly #path: string;

  constructor(rule: () => string, path: string) {
    this.#rule = rule;
    this.#path = path;
  }
  /** "ccLibrary: 'srcs[2]'" */
  get what(): string {
    return `${this.#rule()}: '${this.#path}'`;
  }
  inside(step: string): Place {
    return new Place(this.#rule, this.#path + step);
  }
  element(index: number): Place {
    return index < 0 ? this : this.inside(`[${index}]`);
  }
}

/** What an implementation needs to give attributes back. */
export interface Restoring {
  /** The target's own output of that name. */
  output(name: string): File;
  /** The path of a program, by its bare name. */
  program(name: string): string;
}

export interface Attr<In, Out> {
  /** For the list of attributes: "a text", "a list of files". */
  readonly expects: string;
  readonly required: boolean;
  /** What it is when it is not given: plain data. */
  readonly fallback: unknown;
  /** What `read` gives holds no targets, only references to them. */
  readonly referring?: true;
  read(value: unknown, place: Place): unknown;
  restore(value: never, by: Restoring): Out;
  /** Never there; carries the type of what a build file may give. */
  readonly given?: In;
}

export type Attrs = Record<string, Attr<unknown, unknown>>;

export interface Options<T> {
  /** When it is not given. Without one, lists and maps are empty, booleans false, and the others must be given. */
  default?: T;
  /** Must be given although it could be left out. */
  required?: boolean;
}

function wrong(place: Place, expected: string, value: unknown, remedy = ""): never {
  return refuseAttribute(`${place.what} must be ${expected}, not ${describe(value)}`, remedy, undefined);
}

function plain<T>(
  expects: string,
  empty: T | undefined,
  options: Options<T> | undefined,
  read: (value: unknown, place: Place) => T,
): Attr<T, T> {
  const fallback = options?.default ?? empty;
  return {
    expects,
    required: options?.required ?? fallback === undefined,
    fallback,
    referring: true,
    read,
    restore: (value: T): T => value,
  };
}

function readString(value: unknown, place: Place): string {
  return typeof value === "string" ? value : wrong(place, "a text", value);
}

function readList(value: unknown, place: Place, expects: string): unknown[] {
  if (Array.isArray(value)) return value;
  return wrong(place, expects, value, typeof value === "string" ? "put it in brackets: [ … ]" : "");
}

/** Lists in lists, as globs beside single names make them, become one list. */
function flatten(value: unknown): unknown[] {
  if (!Array.isArray(value)) return [value];
  return value.some(Array.isArray) ? value.flatMap(flatten) : value;
}

type FileData = { path: string } | Reference;

/** The folder of the build file that is evaluated. */
let folder = "";
atBegin(() => {
  folder = (job.argument?.package as string | undefined) ?? "";
});

/** `index` of a list's element; -1 for a value that is no element. */
function readFile(value: unknown, place: Place, index = -1): FileData {
  if (typeof value !== "string")
    return Target.is(value)
      ? Target.reference(value)
      : wrong(place.element(index), "a path, a label or a target", value);
  if (isPlainPath(value)) return { path: folder === "" ? value : `${folder}/${value}` };
  if (isLabelText(value)) return { label: parseLabel(value, folder, place.element(index)) };
  return { path: joinPath(folder, value, place.element(index)) };
}

function readLabel(value: unknown, place: Place, index = -1): Reference {
  if (Target.is(value)) return Target.reference(value);
  if (typeof value === "string" && isLabelText(value))
    return { label: parseLabel(value, folder, place.element(index)) };
  const remedy = 'name a target of this file by its constant, another one as "//path:name"';
  return wrong(place.element(index), "a target or a label", value, remedy);
}

function checkExtension(
  file: FileData,
  allowed: readonly string[] | undefined,
  place: Place,
  index = -1,
): void {
  if (allowed === undefined || !("path" in file) || allowed.includes(extension(file.path))) return;
  refuseAttribute(
    `${place.element(index).what}: '${file.path}' is not one of ${allowed.join(" ")}`,
    didYouMean(extension(file.path), [...allowed], "give this file to another attribute"),
  );
}

function restoreFiles(value: { path?: string; label?: string }): File[] {
  if (value.label !== undefined) return [...toDependency({ ...value, label: value.label }).files];
  return [toFile({ ...value, path: value.path ?? "" })];
}

/** One argument: texts, files and outputs, side by side. */
type ArgumentData = string | { parts: ArgumentPart[] };
type ArgumentPart = string | { file: FileData } | { output: string };

function readArgument(value: unknown, place: Place): ArgumentData {
  const parts =
    value instanceof Placeholder
      ? [value]
      : typeof value === "string"
        ? splitPlaceholders(value)
        : wrong(place, "a text, location(…) or out(…)", value);
  if (parts.every((part) => typeof part === "string")) return parts.join("");
  return {
    parts: parts.map((part): ArgumentPart => {
      if (typeof part === "string") return part;
      if (part.target.kind === "output") return { output: part.target.name };
      return { file: readFile(part.target.of, place) };
    }),
  };
}

/** An argument whose files are known. */
export type RestoredArgument = (string | File)[];

function restoreArgument(value: ArgumentData, by: Restoring): RestoredArgument {
  if (typeof value === "string") return [value];
  return value.parts.flatMap((part): RestoredArgument => {
    if (typeof part === "string") return [part];
    if ("output" in part) return [by.output(part.output)];
    const files = restoreFiles(part.file as { path?: string; label?: string });
    return files.flatMap((file, i) => (i === 0 ? [file] : [" ", file]));
  });
}

/** What runs: a file, a program of the machine by name or by absolute path; and its first arguments. */
type ToolData = { program: string } | { absolute: string } | { file: FileData };

export interface Tool {
  command: string | File;
  args: RestoredArgument[];
}

function readTool(value: unknown, place: Place): ToolData {
  if (typeof value === "string" && value.startsWith("/") && !value.startsWith("//"))
    return { absolute: value };
  if (typeof value === "string" && value !== "" && !value.includes("/") && !isLabelText(value))
    return { program: value };
  return { file: readFile(value, place) };
}

function restoreTool(value: ToolData, by: Restoring): string | File {
  if ("program" in value) return by.program(value.program);
  if ("absolute" in value) return value.absolute;
  const file = value.file as { path?: string; label?: string };
  if (file.label === undefined) return restoreFiles(file)[0] ?? "";
  const { files, executable } = toDependency({ ...file, label: file.label });
  return executable ?? files[0] ?? "";
}

/** How attributes are declared: `attrs: { srcs: attr.files(), out: attr.string() }`. */
export const attr = {
  /** A text. With `values`: one of these. */
  string<const T extends string = string>(options?: Options<T> & { values?: readonly T[] }): Attr<T, T> {
    const values = options?.values;
    const expects = values === undefined ? "a text" : `one of ${values.join(", ")}`;
    return plain<T>(expects, undefined, options, (value, place) => {
      const text = readString(value, place) as T;
      if (values !== undefined && !values.includes(text))
        wrong(place, expects, text, didYouMean(text, [...values], ""));
      return text;
    });
  },

  number(options?: Options<number>): Attr<number, number> {
    return plain("a number", undefined, options, (value, place) =>
      typeof value === "number" && Number.isFinite(value) ? value : wrong(place, "a number", value),
    );
  },

  boolean(options?: Options<boolean>): Attr<boolean, boolean> {
    return plain("true or false", false, options, (value, place) =>
      typeof value === "boolean" ? value : wrong(place, "true or false", value),
    );
  },

  strings(options?: Options<readonly string[]>): Attr<readonly string[], readonly string[]> {
    return plain<readonly string[]>("a list of texts", [], options, (value, place) =>
      readList(value, place, "a list of texts").map((x, i) => readString(x, place.element(i))),
    );
  },

  /** Texts by name. */
  stringMap(
    options?: Options<Readonly<Record<string, string>>>,
  ): Attr<Readonly<Record<string, string>>, Readonly<Record<string, string>>> {
    const expects = "an object of texts";
    return plain<Readonly<Record<string, string>>>(expects, {}, options, (value, place) => {
      if (typeof value !== "object" || value === null || Array.isArray(value) || Target.is(value))
        return wrong(place, expects, value);
      const entries = Object.entries(value as Record<string, unknown>);
      return Object.fromEntries(
        entries.map(([k, v]) => [k, readString(v, place.inside(`.${k}`))]),
      );
    });
  },

  /** Any plain data. */
  json(options?: Options<unknown>): Attr<unknown, unknown> {
    const { referring: _, ...open } = plain<unknown>("plain data", null, options, (value) => value);
    return open; // it may hold targets, anywhere
  },

  /** One file: a path, or a target that makes exactly one. Null when it is optional and not given. */
  file(options?: {
    optional?: boolean;
    extensions?: readonly string[];
  }): Attr<FileLike, File | null> {
    return {
      expects: "a file",
      required: options?.optional !== true,
      fallback: null,
      referring: true,
      read(value, place): FileData {
        const file = readFile(value, place);
        checkExtension(file, options?.extensions, place);
        return file;
      },
      restore: (value: { path?: string; label?: string } | null): File | null =>
        value === null ? null : (restoreFiles(value)[0] ?? null),
    };
  },

  /** Files: paths, labels, targets, and lists of them. Extensions are checked on paths. */
  files(options?: {
    required?: boolean;
    extensions?: readonly string[];
  }): Attr<Files, readonly File[]> {
    return {
      expects: "a list of files",
      required: options?.required ?? false,
      fallback: [],
      referring: true,
      read(value, place): FileData[] {
        return flatten(value).map((x, i) => {
          const file = readFile(x, place, i);
          checkExtension(file, options?.extensions, place, i);
          return file;
        });
      },
      restore: (value: { path?: string; label?: string }[]): readonly File[] =>
        value.flatMap(restoreFiles),
    };
  },

  /** One target, with what its rule provides. Null when it is optional and not given. */
  label(options?: { optional?: boolean }): Attr<LabelLike, Dependency | null> {
    return {
      expects: "a target",
      required: options?.optional !== true,
      fallback: null,
      referring: true,
      read: readLabel,
      restore: (value: { label: string } | null): Dependency | null =>
        value === null ? null : toDependency(value),
    };
  },

  /** Targets, with what their rules provide. */
  labels(options?: { required?: boolean }): Attr<readonly LabelLike[], readonly Dependency[]> {
    return {
      expects: "a list of targets",
      required: options?.required ?? false,
      fallback: [],
      referring: true,
      read: (value, place): unknown[] =>
        readList(value, place, "a list of targets").map((x, i) => readLabel(x, place, i)),
      restore: (value: { label: string }[]): readonly Dependency[] => value.map(toDependency),
    };
  },

  /** Arguments of a program: texts that may contain location(…) and out(…). */
  args(): Attr<readonly Argument[], readonly RestoredArgument[]> {
    return {
      expects: "a list of arguments",
      required: false,
      fallback: [],
      referring: true,
      read: (value, place): ArgumentData[] =>
        readList(value, place, "a list of arguments").map((x, i) =>
          readArgument(x, place.element(i)),
        ),
      restore: (value: ArgumentData[], by): readonly RestoredArgument[] =>
        value.map((argument) => restoreArgument(argument, by)),
    };
  },

  /** A program to run: a target, a file ("./gen.py"), a program of the machine ("awk", "/opt/x/bin/y"), or one of these
   *  with its first arguments in a list. */
  tool(): Attr<FileLike | readonly [FileLike, ...Argument[]], Tool> {
    return {
      expects: "a program",
      required: true,
      fallback: null,
      referring: true,
      read(value, place): unknown {
        const [command, ...args] = Array.isArray(value) ? (value as unknown[]) : [value];
        return {
          command: readTool(command, place),
          args: args.map((x, i) => readArgument(x, place.element(i + 1))),
        };
      },
      restore: (value: { command: ToolData; args: ArgumentData[] }, by): Tool => ({
        command: restoreTool(value.command, by),
        args: value.args.map((argument) => restoreArgument(argument, by)),
      }),
    };
  },
};
