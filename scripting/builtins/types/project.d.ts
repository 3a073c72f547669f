/** For zako.ts: what zako.toml says of the package. */
declare module "zako:project" {
  export interface OptionDeclaration {
    /** What it is when nobody says otherwise; it gives the type. */
    readonly default: boolean | number | string;
    /** The only texts that it can be; empty when it can be anything of its type. */
    readonly values: readonly string[];
    /** Empty when zako.toml does not say. */
    readonly description: string;
  }

  export interface Project {
    readonly name: string;
    readonly version: string;
    /** Empty when zako.toml does not say. */
    readonly description: string;
    /** Empty when zako.toml does not say. */
    readonly license: string;
    /** [options], by name. What an option is in this build: `option(name)` of zako:package. */
    readonly options: Readonly<Record<string, OptionDeclaration>>;
    /** [dependencies], by name: where each one's folder is. */
    readonly dependencies: Readonly<Record<string, { readonly path: string }>>;
  }

  /**
   * The manifest as plain data:
   *
   *     import { definePackage } from "zako:package";
   *     import { project } from "zako:project";
   *     export default definePackage({ defines: [`VERSION="${project().version}"`] });
   */
  export function project(): Project;
}
