// C and C++: libraries, programs and tests. One action a source, headers found by the compiler's dependency files.
import { attr, rule, type Actions, type Dependency, type File, type RuleContext } from "zako:rule";
import { fail } from "zako:syscall";
import { type CcToolchain } from "zako:toolchains/cc";

const cSources = [".c"];
const cxxSources = [".cc", ".cpp", ".cxx", ".c++", ".C"];
const asmSources = [".S", ".s"];
const headers = [".h", ".hh", ".hpp", ".hxx", ".h++", ".inc", ".inl", ".ipp", ".tcc", ".def"];
const binaries = [".a", ".o", ".so"];

/** What a library gives to those that depend on it; its dependencies' parts are in it. */
interface CcProvider {
  /** Folders for -I. */
  includes: string[];
  defines: string[];
  /** Headers that actions make: they must be there before anything is compiled. */
  generated: File[];
  /** Archives and objects, each before what it needs. */
  libraries: File[];
  linkopts: string[];
  /** A C++ source is among all of it. */
  cxx: boolean;
}

const common = {
  /** Sources to compile, and headers that only they include. */
  srcs: attr.files({ extensions: [...cSources, ...cxxSources, ...asmSources, ...headers, ...binaries] }),
  /** Libraries to compile against and to link. */
  deps: attr.labels(),
  /** Folders of this package for -I, here and in everything that depends on it. */
  includes: attr.strings(),
  /** Preprocessor names ("NAME" or "NAME=value"), here and in everything that depends on it. */
  defines: attr.strings(),
  /** Preprocessor names for these sources only. */
  localDefines: attr.strings(),
  /** Flags for all these sources; for those in C; for those in C++. */
  copts: attr.strings(),
  conlyopts: attr.strings(),
  cxxopts: attr.strings(),
  /** Flags and libraries of the machine ("-lm") for the programs that this becomes part of. */
  linkopts: attr.strings(),
};

type CcContext = Pick<RuleContext<typeof common>, "label" | "package" | "name" | "attrs" | "actions" | "toolchains">;

function toolchain(context: CcContext): CcToolchain {
  return context.toolchains["cc"] as CcToolchain;
}

function cxxCompiler(context: CcContext): string[] {
  const { cxx } = toolchain(context);
  if (cxx === null)
    fail({
      code: "tool_missing",
      message: `${context.label} needs a C++ compiler: $CXX is not set, and the search path has none of c++, g++, clang++`,
      remedy: "install one (for example g++ or clang), or name one in $CXX",
    });
  return cxx;
}

function provided(dependency: Dependency): CcProvider | undefined {
  return dependency.providers["cc"] as CcProvider | undefined;
}

function unique<T>(values: readonly T[]): T[] {
  return [...new Set(values)];
}

function uniqueFiles(files: readonly File[]): File[] {
  return [...new Map(files.map((file) => [file.path, file])).values()];
}

/** Each file once, at its last place: so an archive stays before all that it needs. */
function lastOfEach(files: readonly File[]): File[] {
  return uniqueFiles([...files].reverse()).reverse();
}

function folder(context: CcContext, path: string): string {
  const parts = [...context.package.split("/"), ...path.split("/")].filter((x) => x !== "" && x !== ".");
  return parts.join("/") || ".";
}

function output(path: string): string {
  return path === "." ? "zako-out" : `zako-out/${path}`;
}

/** A file's path as seen from its package, wherever it lies. */
function shortPath(context: CcContext, file: File): string {
  for (const root of [output(folder(context, "")), folder(context, ""), "zako-out"])
    if (file.path.startsWith(`${root}/`)) return file.path.slice(root.length + 1);
  return file.path;
}

function has(extensions: readonly string[], file: File): boolean {
  return extensions.includes(file.extension);
}

function isCompiled(file: File): boolean {
  return has(cSources, file) || has(cxxSources, file) || has(asmSources, file);
}

/** The flags of every compilation of a target, and the files that must be made before. */
interface CompileSetting {
  flags: string[];
  inputs: File[];
}

function compileSetting(context: CcContext, all: CcProvider): CompileSetting {
  const { attrs } = context;
  const generated = uniqueFiles([...attrs.srcs.filter((f) => has(headers, f) && !f.isSource), ...all.generated]);
  const mirror = generated.length > 0;
  const quote = unique([folder(context, ""), "."]);
  const flags = [
    ...attrs.copts,
    ...unique([...all.defines, ...attrs.localDefines]).map((name) => `-D${name}`),
    ...quote.flatMap((dir) => ["-iquote", dir]),
    ...(mirror ? quote.flatMap((dir) => ["-iquote", output(dir)]) : []),
    ...all.includes.flatMap((dir) => (mirror ? [`-I${dir}`, `-I${output(dir)}`] : [`-I${dir}`])),
  ];
  return { flags, inputs: generated };
}

/** Objects keep their sources' folders; two sources that differ only in extension keep that as well. */
function objectNames(context: CcContext, sources: readonly File[]): string[] {
  const stems = sources.map((file) => shortPath(context, file).slice(0, -file.extension.length));
  return stems.map((stem, i) =>
    stems.indexOf(stem) === stems.lastIndexOf(stem) ? stem : shortPath(context, sources[i]!),
  );
}

function compile(context: CcContext, source: File, name: string, setting: CompileSetting): File {
  const { actions, attrs } = context;
  const { cc, env } = toolchain(context);
  const object = actions.declareFile(`_objs/${context.name}/${name}.o`);
  const depfile = actions.declareFile(`_objs/${context.name}/${name}.d`);
  const cxx = has(cxxSources, source);
  const own = cxx ? attrs.cxxopts : has(cSources, source) ? attrs.conlyopts : [];
  actions.run({
    mnemonic: cxx ? "CxxCompile" : "CCompile",
    title: `${cxx ? "CXX" : "CC"} ${source.path.replace(/^zako-out\//, "")}`,
    argv: [
      ...(cxx ? cxxCompiler(context) : cc), ...own, ...setting.flags,
      "-MD", "-MF", depfile, "-c", source, "-o", object,
    ],
    env,
    inputs: setting.inputs,
    outputs: [object],
    depfile,
  });
  return object;
}

/** All that a target gets from its dependencies and gives on, without files of its own. */
function gather(context: CcContext, ownHeaders: readonly File[]): CcProvider {
  const { attrs } = context;
  const below: CcProvider[] = [];
  for (const dependency of attrs.deps) {
    const cc = provided(dependency);
    if (cc === undefined)
      fail({
        code: "invalid_attribute",
        message: `${context.label}: '${dependency.label}' in deps is no C or C++ library`,
        remedy: "files that actions make belong into srcs or hdrs",
      });
    below.push(cc);
  }
  return {
    includes: unique([...attrs.includes.map((dir) => folder(context, dir)), ...below.flatMap((x) => x.includes)]),
    defines: unique([...attrs.defines, ...below.flatMap((x) => x.defines)]),
    generated: uniqueFiles([...ownHeaders.filter((file) => !file.isSource), ...below.flatMap((x) => x.generated)]),
    libraries: lastOfEach(below.flatMap((x) => x.libraries)),
    linkopts: unique([...attrs.linkopts, ...below.flatMap((x) => x.linkopts)]),
    cxx: attrs.srcs.some((file) => has(cxxSources, file)) || below.some((x) => x.cxx),
  };
}

function compileAll(context: CcContext, all: CcProvider): File[] {
  const sources = context.attrs.srcs.filter(isCompiled);
  const setting = compileSetting(context, all);
  const names = objectNames(context, sources);
  return sources.map((source, i) => compile(context, source, names[i]!, setting));
}

function archive(context: CcContext, objects: readonly File[]): File {
  const { ar, env } = toolchain(context);
  const library = context.actions.declareFile(`lib${context.name}.a`);
  context.actions.run({
    mnemonic: "Archive",
    title: `AR ${library.path.replace(/^zako-out\//, "")}`,
    argv: [...ar, "rcsD", library, ...objects],
    env,
    outputs: [library],
  });
  return library;
}

function link(context: CcContext): File {
  const all = gather(context, []);
  const { cc, env } = toolchain(context);
  const objects = [
    ...compileAll(context, all),
    ...context.attrs.srcs.filter((file) => has(binaries, file)),
  ];
  const program = (context.actions as Actions).declareFile(context.name);
  context.actions.run({
    mnemonic: "Link",
    title: `LINK ${program.path.replace(/^zako-out\//, "")}`,
    argv: [...(all.cxx ? cxxCompiler(context) : cc), "-o", program, ...objects, ...all.libraries, ...all.linkopts],
    env,
    outputs: [program],
  });
  return program;
}

/** A static library: lib<name>.a, or only headers when no source is compiled. */
export const ccLibrary = rule({
  attrs: {
    ...common,
    /** Headers that its users include. */
    hdrs: attr.files(),
  },
  toolchains: ["cc"],
  implement(context) {
    const all = gather(context, context.attrs.hdrs);
    const objects = compileAll(context, all);
    const given = context.attrs.srcs.filter((file) => has(binaries, file));
    const own = [...(objects.length > 0 ? [archive(context, objects)] : []), ...given];
    const cc: CcProvider = { ...all, libraries: lastOfEach([...own, ...all.libraries]) };
    return { files: own, providers: { cc } };
  },
});

/** A program. */
export const ccBinary = rule({
  attrs: common,
  toolchains: ["cc"],
  implement(context) {
    const program = link(context);
    return { files: [program], executable: program };
  },
});

/** A program that `zako test` runs: it passes with exit code 0. */
export const ccTest = rule({
  attrs: {
    ...common,
    /** Arguments of the program. */
    args: attr.strings(),
    /** Files that it reads. */
    data: attr.files(),
    env: attr.stringMap(),
    /** Seconds; 0 for none. */
    timeout: attr.number({ default: 300 }),
  },
  toolchains: ["cc"],
  implement(context) {
    const program = link(context);
    const { args, data, env, timeout } = context.attrs;
    return {
      files: [program],
      executable: program,
      test: { argv: [program, ...args], env, inputs: data, timeout },
    };
  },
});
