/** For config files (*.config.ts): settings, made from options, variables and files. */
declare module "zako:config" {
  /**
   * The object itself; throws when it is none. Whoever imports the file gets its default export as plain data, and
   * nothing else of it:
   *
   *     // app.config.ts
   *     import { defineConfig, env, option } from "zako:config";
   *     export default defineConfig({ optimise: !option("debug"), prefix: env("PREFIX") ?? "/usr/local" });
   *
   *     // BUILD.ts
   *     import config from "./app.config.ts";
   */
  export function defineConfig<T extends object>(config: T): T;

  /**
   * The value of an option that [options] of zako.toml declares: `--option NAME=VALUE`, [options] of a .zakorc, or its
   * default, whose type it has. Throws when no option has that name.
   */
  export function option<T extends boolean | number | string = boolean | number | string>(name: string): T;

  /** An environment variable of the build; null when it is not set. Another value runs the file again. */
  export function env(name: string): string | null;

  /**
   * The text of a file (UTF-8). The path is relative to the folder of the file that is run, and stays in its package.
   * Throws when there is no such file. A change of it runs the script again: `readText("VERSION").trim()`.
   */
  export function readText(path: string): string;
}
