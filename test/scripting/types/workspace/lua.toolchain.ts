// A toolchain file.
import { env, probe, which } from "zako:toolchain";
import { coerce } from "zako:semver";

const lua = env("LUA") ?? which("lua5.4", "lua");
export default { lua, version: lua === null ? null : coerce(probe([lua, "-v"]).text)?.version };
