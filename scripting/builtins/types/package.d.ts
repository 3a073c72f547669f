/** For zako.ts: the settings that build files get from packageSettings(), and options to make them from. */
declare module "zako:package" {
  export interface PackageContext {
    /** What zako.toml says of the package. */
    readonly manifest: Readonly<Record<string, unknown>>;
  }

  /**
   * The value of an option that [options] of zako.toml declares: `--option NAME=VALUE`, [options] of a .zakorc, or its
   * default, whose type it has. Throws when no option has that name.
   */
  export function option<T extends boolean | number | string = boolean | number | string>(name: string): T;

  /** `export default definePackage({ … })`, or a function that makes the settings from the manifest. Plain data. */
  export function definePackage<T extends object>(settings: T | ((context: PackageContext) => T)): T;
}
