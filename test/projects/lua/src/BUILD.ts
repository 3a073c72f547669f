// The library. A folder of its own, because liblua.a and the program lua are both called lua.
import { glob } from "zako:build";
import { ccLibrary } from "zako:rules/cc";
import { copts, localDefines } from "../flags.ts";

export const lua = ccLibrary({
  srcs: glob("*.c", { exclude: ["lua.c", "luac.c"] }),
  includes: ["."],
  copts,
  localDefines,
  linkopts: ["-lm", "-ldl"],
});
