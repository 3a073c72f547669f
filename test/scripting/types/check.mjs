// What `zako types` writes, as TypeScript itself reads it: its programs accept our examples and a workspace that has
// scripts of all contexts, and the gates refuse what a context must not import, where it is imported.
//
//   node check.mjs ZAKO ROOT      ROOT: Zako's own folder
import { execFileSync, spawnSync } from "node:child_process";
import { appendFileSync, cpSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { basename, join, relative, resolve } from "node:path";

const [zako, root] = process.argv.slice(2).map((path) => resolve(path));
const require = createRequire(join(root, "subprojects/npm/"));
const ts = require("typescript");
const tsc = require.resolve("typescript/bin/tsc");

const gates = ["package", "build", "rule", "toolchain", "config", "library"].map((context) => `tsconfig.${context}.json`);

// What is imported in vain: by which file, and the program that says so. No program may say more.
const forbidden = [
  ["zako.ts", "zako:build", "tsconfig.package.json"],
  ["zako.ts", "zako:core/target", "tsconfig.package.json"],
  ["BUILD.ts", "zako:rule", "tsconfig.build.json"],
  ["BUILD.ts", "zako:toolchain", "tsconfig.build.json"],
  ["BUILD.ts", "zako:project", "tsconfig.build.json"],
  ["sources.ts", "zako:config", "tsconfig.build.json"],
  ["lib/words.ts", "zako:build", "tsconfig.rule.json"],
  ["lib/words.ts", "zako:rule", "tsconfig.build.json"],
  ["concat.rule.ts", "zako:build", "tsconfig.rule.json"],
  ["concat.rule.ts", "zako:rules/gen", "tsconfig.rule.json"],
  ["lua.toolchain.ts", "zako:rule", "tsconfig.toolchain.json"],
  ["app.config.ts", "zako:toolchain", "tsconfig.config.json"],
  ["lib/newest.ts", "zako:build", "tsconfig.library.json"],
];
const internal = ["zako:syscall", "zako:rt", "zako:global"]; // for nobody, and so refused in an editor, too

const temporary = mkdtempSync(join(tmpdir(), "zako-types-"));
process.on("exit", () => rmSync(temporary, { recursive: true, force: true }));
let checks = 0;
let failures = 0;

function check(what, found, expected) {
  ++checks;
  if (found.join("\n") === expected.join("\n")) return;
  ++failures;
  console.log(`${what}:\n  found    ${found.join("\n           ")}\n  expected ${expected.join("\n           ")}`);
}

/** A copy with what the real program writes into it. */
function workspace(source) {
  const folder = join(temporary, basename(source));
  const own = new Set(["zako-out", ".zako"]);
  cpSync(source, folder, { recursive: true, filter: (path) => !own.has(basename(path)) });
  execFileSync(zako, ["types"], { cwd: folder });
  return folder;
}

/** What TypeScript says about a program, as "file: TS0000 message"; what `tsc -p` does, but libraries are read once. */
const libraries = new Map();
function errors(folder, config) {
  const host = { ...ts.sys, onUnRecoverableConfigFileDiagnostic: (e) => { throw new Error(e.messageText); } };
  const { fileNames, options, errors: wrong } = ts.getParsedCommandLineOfConfigFile(join(folder, config), {}, host);
  const compiler = ts.createCompilerHost(options);
  const read = compiler.getSourceFile;
  compiler.getSourceFile = (name, ...rest) => {
    if (!name.includes("typescript/lib/")) return read(name, ...rest);
    if (!libraries.has(name)) libraries.set(name, read(name, ...rest));
    return libraries.get(name);
  };
  const program = ts.createProgram(fileNames, options, compiler);
  return [...wrong, ...ts.getPreEmitDiagnostics(program)]
    .map(({ file, code, messageText }) => {
      const where = file ? relative(folder, file.fileName) : config;
      return `${where}: TS${code} ${ts.flattenDiagnosticMessageText(messageText, " ")}`;
    })
    .sort();
}

const missing = (file, module) => `${file}: TS2307 Cannot find module '${module}' or its corresponding type declarations.`;

function accepts(folder) {
  for (const config of ["tsconfig.json", ...gates.map((name) => join(".zako/types", name))])
    check(`${basename(folder)}, ${config}`, errors(folder, config), []);
}

for (const folder of ["apps/examples", "test/projects"])
  for (const name of readdirSync(join(root, folder)))
    if (existsSync(join(root, folder, name, "zako.toml"))) accepts(workspace(join(root, folder, name)));

const contexts = workspace(join(root, "test/scripting/types/workspace"));
accepts(contexts);
check("what each declaration says", errors(contexts, "typing/tsconfig.json"), []);
const compiled = (config) => spawnSync(process.execPath, [tsc, "--noEmit", "-p", config], { cwd: contexts });
check("tsc's exit code", [compiled(".zako/types/tsconfig.build.json").status], [0]);

const forms = [(module) => `import "${module}";`, (module) => `export * from "${module}";`, (module) => `void import("${module}");`];
forbidden.forEach(([file, module], i) => appendFileSync(join(contexts, file), `\n${forms[i % forms.length](module)}\n`));
appendFileSync(join(contexts, "lib/newest.ts"), internal.map((module) => `import "${module}";\n`).join(""));
const refused = (config) => [
  ...forbidden.filter((row) => row[2] === config).map(([file, module]) => missing(file, module)),
  ...(config === "tsconfig.library.json" ? internal.map((module) => missing("lib/newest.ts", module)) : []),
].sort();
for (const config of gates) check(`wrong imports, ${config}`, errors(contexts, join(".zako/types", config)), refused(config));
check("tsc's exit code for wrong imports", [compiled(".zako/types/tsconfig.build.json").status], [2]);
check(
  "wrong imports, tsconfig.json",
  errors(contexts, "tsconfig.json"),
  [missing("zako.ts", "zako:core/target"), ...internal.map((module) => missing("lib/newest.ts", module))].sort(),
);

console.log(`${checks} checks, ${failures} failed`);
process.exitCode = failures === 0 ? 0 : 1;
