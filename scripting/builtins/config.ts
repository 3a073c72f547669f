// For config files (*.config.ts): what others build by, made from options, the environment and files.
import { describe } from "zako:core/errors";
import { fail } from "zako:syscall";

export { env, option, readText } from "zako:core/ask";

/** The object itself: `export default defineConfig({ … })`. Who imports the file gets it as plain data. */
export function defineConfig<T extends object>(config: T): T {
  const given: unknown = config;
  if (typeof given !== "object" || given === null || Array.isArray(given))
    fail({
      code: "script",
      message: `a configuration must be an object, not ${describe(given)}`,
      remedy: "write export default defineConfig({ … })",
    });
  return config;
}
