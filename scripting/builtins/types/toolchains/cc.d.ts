/** The C and C++ toolchain: $CC, $CXX and $AR, or what the machine has. Files can import its type only. */
declare module "zako:toolchains/cc" {
  /** `toolchains.cc` of a rule with `toolchains: ["cc"]`. Programs come with their first arguments. */
  export interface CcToolchain {
    cc: string[];
    /** None when the machine has no C++ compiler. */
    cxx: string[] | null;
    ar: string[];
    versions: { cc: string; cxx: string | null };
    /** The environment for its programs. */
    env: Record<string, string>;
  }
}
