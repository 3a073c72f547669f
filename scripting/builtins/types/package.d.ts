/** For zako.ts: the settings that build files get from packageSettings(). */
declare module "zako:package" {
  export interface PackageContext {
    /** What zako.toml says of the package. */
    readonly manifest: Readonly<Record<string, unknown>>;
  }

  /** `export default definePackage({ … })`, or a function that makes the settings from the manifest. Plain data. */
  export function definePackage<T extends object>(settings: T | ((context: PackageContext) => T)): T;
}
