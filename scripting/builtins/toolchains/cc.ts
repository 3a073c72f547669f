// The C and C++ toolchain: the compilers of $CC and $CXX, or the first that the machine has.
import { fail } from "zako:syscall";
import { env, probe, which } from "zako:toolchain";

/** What the rules of zako:rules/cc get. Programs come with their first arguments. */
export interface CcToolchain {
  cc: string[];
  /** None when the machine has no C++ compiler. */
  cxx: string[] | null;
  ar: string[];
  /** Part of the toolchain, so that a new compiler builds anew. */
  versions: { cc: string; cxx: string | null };
  /** The environment of all actions. */
  env: Record<string, string>;
}

const install = "install a compiler (for example gcc or clang), or name one in";

/** The program of a variable, as "ccache gcc" or "/opt/x/cc"; otherwise the first of `names`. */
function find(variable: string, names: string[]): string[] | null {
  const [program, ...args] = (env(variable) ?? "").split(" ").filter((word) => word !== "");
  if (program === undefined) {
    const path = which(...names);
    return path === null ? null : [path];
  }
  const path = which(program);
  if (path === null)
    fail({
      code: "tool_missing",
      message: `$${variable} names '${program}', which is not ${program.startsWith("/") ? "a program" : "on the search path"}`,
      remedy: `correct or unset ${variable}`,
    });
  return [path, ...args];
}

function version(command: string[], variable: string): string {
  const { code, text } = probe([...command, "--version"]);
  if (code !== 0)
    fail({
      code: "tool_missing",
      message: `'${command.join(" ")} --version' fails with exit code ${code}`,
      remedy: `${install} $${variable}`,
      causes: text === "" ? [] : [{ message: text.trim() }],
    });
  return text.split("\n")[0] ?? "";
}

function folder(path: string): string {
  return path.slice(0, path.lastIndexOf("/"));
}

const ccNames = ["cc", "gcc", "clang"];
const cxxNames = ["c++", "g++", "clang++"];
const arNames = ["ar", "gcc-ar", "llvm-ar"];

const cc = find("CC", ccNames);
if (cc === null)
  fail({
    code: "tool_missing",
    message: `no C compiler: $CC is not set, and the search path has none of ${ccNames.join(", ")}`,
    remedy: `${install} $CC`,
  });
const ar = find("AR", arNames);
if (ar === null)
  fail({
    code: "tool_missing",
    message: `no archiver: $AR is not set, and the search path has none of ${arNames.join(", ")}`,
    remedy: "install one (for example binutils), or name one in $AR",
  });
const cxx = find("CXX", cxxNames);

const folders = new Set([folder(cc[0]!), "/usr/local/bin", "/usr/bin", "/bin"]);
const toolchain: CcToolchain = {
  cc,
  cxx,
  ar,
  versions: { cc: version(cc, "CC"), cxx: cxx === null ? null : version(cxx, "CXX") },
  env: { PATH: [...folders].join(":"), LC_ALL: "C" },
};

export default toolchain;
