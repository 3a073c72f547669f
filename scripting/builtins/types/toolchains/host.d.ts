/** The host toolchain: common programs of the machine. Files can import its type only. */
declare module "zako:toolchains/host" {
  /** `toolchains.host` of a rule: where each program is; null when it is not on the search path. */
  export type HostPrograms = Readonly<Record<string, string | null>>;
}
