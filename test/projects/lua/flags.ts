// The flags of upstream's makefile for Linux.
export const copts = ["-std=gnu99", "-O2", "-Wall", "-Wextra"];
export const localDefines = ["LUA_COMPAT_5_3", "LUA_USE_LINUX"];
export const linkopts = ["-Wl,-E"]; // modules that scripts load find the interpreter's own functions
