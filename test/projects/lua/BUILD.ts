// Lua's programs: the interpreter and the compiler.
import { ccBinary } from "zako:rules/cc";
import { copts, linkopts, localDefines } from "./flags.ts";

const deps = ["//src:lua"];

export const lua = ccBinary({ srcs: ["src/lua.c"], deps, copts, localDefines, linkopts });

export const luac = ccBinary({ srcs: ["src/luac.c"], deps, copts, localDefines, linkopts });
