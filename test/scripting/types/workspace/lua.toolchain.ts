// A toolchain file.
import { env, probe, readText, which } from "zako:toolchain";
import { coerce } from "zako:semver";

const lua = env("LUA") ?? which(...readText("names.txt").split(" "));
export default { lua, version: lua === null ? null : coerce(probe([lua, "-v"]).text)?.version };
