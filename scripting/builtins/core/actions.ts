// What a rule's implementation does with actions: it declares files and says what makes them.
import { didYouMean } from "zako:core/errors";
import { File } from "zako:core/file";
import { fail } from "zako:syscall";

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
  /** The program and its arguments; no shell. Files among them become inputs, or outputs when nothing made them yet. */
  argv: readonly (string | File | readonly (string | File)[])[];
  /** The whole environment; nothing is taken from that of the build. */
  env?: Readonly<Record<string, string>>;
  inputs?: readonly File[];
  outputs?: readonly File[];
  /** Where standard output goes. */
  stdout?: File;
  /** A Makefile-style list of what else was read, written by the program. */
  depfile?: File;
  /** What it needs of the machine while it runs: one cpu when it does not say. */
  resources?: Readonly<Record<string, Amount | AmountRange>>;
  /** It speaks GNU make's jobserver: it may use cpus that are free besides. */
  jobserver?: boolean;
}

export interface Action {
  mnemonic: string;
  title: string;
  argv: string[];
  env: Record<string, string>;
  inputs: File[];
  outputs: string[];
  stdout: string | null;
  depfile: string | null;
  resources: Readonly<Record<string, Amount | AmountRange>>;
  jobserver: boolean;
}

function refuse(message: string, remedy = ""): never {
  fail({ code: "script", message, remedy });
}

/** The path of a program of the machine, by the host toolchain's list. */
export function findProgram(name: string, programs: Record<string, string | null> | undefined): string {
  if (programs === undefined)
    refuse(
      `'${name}' is not a path`,
      'name a file or an absolute path, or give the rule toolchains: ["host"]',
    );
  const path = programs[name];
  if (typeof path === "string") return path;
  if (path === null)
    fail({
      code: "tool_missing",
      message: `this machine has no program '${name}'`,
      remedy: `install it, or see that it is on the search path`,
    });
  return refuse(
    `'${name}' is not a program that rules may name without its path`,
    didYouMean(name, Object.keys(programs), `these are: ${Object.keys(programs).join(", ")}`),
  );
}

export class Actions {
  readonly #label: string;
  readonly #folder: string;
  readonly #programs: Record<string, string | null> | undefined;
  readonly #declared = new Map<string, File>();
  readonly #made = new Set<string>();
  readonly #all: Action[] = [];

  /** `folder` is the package's, relative to the workspace. */
  constructor(label: string, folder: string, programs: Record<string, string | null> | undefined) {
    this.#label = label;
    this.#folder = folder === "" ? "zako-out" : `zako-out/${folder}`;
    this.#programs = programs;
  }

  /** A file that this target makes, by its path below zako-out/<package>/. The same name gives the same file. */
  declareFile(name: string): File {
    if (
      typeof name !== "string" ||
      name.split("/").some((part) => part === "" || part === "." || part === "..") ||
      /[\\\0]/.test(name)
    )
      refuse(`'${String(name)}' cannot name an output`, "write a relative path with no '.' or '..'");
    const path = `${this.#folder}/${name}`;
    let file = this.#declared.get(path);
    if (file === undefined) {
      file = new File(path, this.#label);
      this.#declared.set(path, file);
    }
    return file;
  }

  /** Declares an action: a program that makes files. */
  run(options: ActionOptions): void {
    const { mnemonic } = options;
    const inputs = new Map<string, File>();
    const outputs = new Set<string>();
    const input = (file: File): void => {
      inputs.set(file.path, file);
    };
    const output = (file: File): void => {
      if (this.#declared.get(file.path) !== file)
        refuse(`${mnemonic}: '${file.path}' is not an output of ${this.#label}`, "declare it with declareFile");
      if (this.#made.has(file.path))
        refuse(`${mnemonic}: '${file.path}' is already made by another action`, "name the output differently");
      outputs.add(file.path);
    };
    options.inputs?.forEach(input);
    options.outputs?.forEach(output);
    if (options.stdout) output(options.stdout);
    if (options.depfile) output(options.depfile);

    const use = (x: string | File): string => {
      if (typeof x === "string") return x;
      if (outputs.has(x.path)) return x.path;
      if (this.#declared.has(x.path) && !this.#made.has(x.path)) output(x);
      else input(x);
      return x.path;
    };
    const argv = options.argv.map((x) =>
      Array.isArray(x) ? (x as (string | File)[]).map(use).join("") : use(x as string | File),
    );
    if (outputs.size === 0) refuse(`${mnemonic}: the action makes no file`, "give it outputs");
    const program = argv[0];
    if (program === undefined || program === "")
      refuse(`${mnemonic}: the action has no program`, "put it first in argv");
    if (!program.includes("/")) argv[0] = findProgram(program, this.#programs);
    for (const path of outputs) this.#made.add(path);
    this.#all.push({
      mnemonic,
      title: options.title ?? `${mnemonic} ${[...outputs][0]!.replace(/^zako-out\//, "")}`,
      argv,
      env: { ...options.env },
      inputs: [...inputs.values()],
      outputs: [...outputs],
      stdout: options.stdout?.path ?? null,
      depfile: options.depfile?.path ?? null,
      resources: options.resources ?? {},
      jobserver: options.jobserver ?? false,
    });
  }

  /** All actions; refuses files that were declared and that nothing makes. */
  static finish(actions: Actions): Action[] {
    for (const path of actions.#declared.keys())
      if (!actions.#made.has(path))
        refuse(`'${path}' is declared and no action makes it`, "give it to an action as an output");
    return actions.#all;
  }
}
