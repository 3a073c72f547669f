/** For all scripts: versions and ranges of versions, npm's semver 7.7.3. */
declare module "zako:semver" {
  export interface Options {
    /** Reads versions and ranges that are not quite right. */
    loose?: boolean;
    /** Lets a range hold pre-releases of all versions, not only of those that it names. */
    includePrerelease?: boolean;
  }
  export interface CoerceOptions extends Options {
    /** Takes the last version in the text instead of the first. */
    rtl?: boolean;
  }
  export type ReleaseType =
    | "major"
    | "premajor"
    | "minor"
    | "preminor"
    | "patch"
    | "prepatch"
    | "prerelease"
    | "release";
  export type Operator = "===" | "!==" | "" | "=" | "==" | "!=" | ">" | ">=" | "<" | "<=";
  /** What `inc` counts from: "0" (also when it is left out), "1", or false for no number. */
  export type IdentifierBase = "0" | "1" | false;
  export type Ordering = -1 | 0 | 1;

  /** A version: "1.2.3-beta.4+build". */
  export class SemVer {
    /** Throws a TypeError when it is no version. */
    constructor(version: string | SemVer, options?: Options);
    readonly raw: string;
    readonly version: string;
    readonly major: number;
    readonly minor: number;
    readonly patch: number;
    readonly prerelease: readonly (string | number)[];
    readonly build: readonly string[];
    readonly loose: boolean;
    readonly includePrerelease: boolean;
    compare(other: string | SemVer): Ordering;
    compareMain(other: string | SemVer): Ordering;
    comparePre(other: string | SemVer): Ordering;
    compareBuild(other: string | SemVer): Ordering;
    /** Changes this version. */
    inc(release: ReleaseType, identifier?: string, identifierBase?: IdentifierBase): this;
    format(): string;
    toString(): string;
  }

  /** One condition of a range: ">=1.2.3". */
  export class Comparator {
    constructor(comparator: string | Comparator, options?: Options);
    readonly operator: "" | "=" | "<" | ">" | "<=" | ">=";
    readonly semver: SemVer;
    readonly value: string;
    readonly loose: boolean;
    test(version: string | SemVer): boolean;
    intersects(comparator: Comparator, options?: Options): boolean;
    toString(): string;
  }

  /** A range: "^1.2 || >=3.1.0 <4". */
  export class Range {
    /** Throws a TypeError when it is no range. */
    constructor(range: string | Range | Comparator, options?: Options);
    readonly range: string;
    readonly raw: string;
    /** One of these lists must hold as a whole. */
    readonly set: readonly (readonly Comparator[])[];
    readonly loose: boolean;
    readonly includePrerelease: boolean;
    test(version: string | SemVer): boolean;
    intersects(range: Range, options?: Options): boolean;
    format(): string;
    toString(): string;
  }

  /** The version; null when it is none. */
  export function parse(version: string | SemVer | null | undefined, options?: Options): SemVer | null;
  /** The version as text; null when it is none: `valid("v1.2.3")` is "1.2.3". */
  export function valid(version: string | SemVer | null | undefined, options?: Options): string | null;
  /** As `valid`, without spaces and "=" around it. */
  export function clean(version: string, options?: Options): string | null;
  /** The first version that a text holds: `coerce("gcc 12.2")?.version` is "12.2.0". Null when there is none. */
  export function coerce(version: string | number | SemVer | null | undefined, options?: CoerceOptions): SemVer | null;
  /** The next version: `inc("1.2.3", "prerelease", "beta")` is "1.2.4-beta.0". Null when it is no version. */
  export function inc(
    version: string | SemVer,
    release: ReleaseType,
    options?: Options,
    identifier?: string,
    identifierBase?: IdentifierBase,
  ): string | null;
  export function inc(
    version: string | SemVer,
    release: ReleaseType,
    identifier?: string,
    identifierBase?: IdentifierBase,
  ): string | null;
  /** What kind of release lies between two versions; null when they are equal. */
  export function diff(a: string | SemVer, b: string | SemVer): Exclude<ReleaseType, "release"> | null;
  export function major(version: string | SemVer, options?: Options): number;
  export function minor(version: string | SemVer, options?: Options): number;
  export function patch(version: string | SemVer, options?: Options): number;
  /** `prerelease("1.2.3-beta.4")` is ["beta", 4]; null when there is none. */
  export function prerelease(version: string | SemVer, options?: Options): readonly (string | number)[] | null;

  // These throw a TypeError when one is no version.
  export function compare(a: string | SemVer, b: string | SemVer, options?: Options): Ordering;
  export function rcompare(a: string | SemVer, b: string | SemVer, options?: Options): Ordering;
  /** As `compare` with `loose`. */
  export function compareLoose(a: string | SemVer, b: string | SemVer): Ordering;
  /** As `compare`; of equal versions the builds decide. */
  export function compareBuild(a: string | SemVer, b: string | SemVer, options?: Options): Ordering;
  /** Parts of pre-releases: numbers come before words. */
  export function compareIdentifiers(a: string | number, b: string | number): Ordering;
  export function rcompareIdentifiers(a: string | number, b: string | number): Ordering;
  export function gt(a: string | SemVer, b: string | SemVer, options?: Options): boolean;
  export function gte(a: string | SemVer, b: string | SemVer, options?: Options): boolean;
  export function lt(a: string | SemVer, b: string | SemVer, options?: Options): boolean;
  export function lte(a: string | SemVer, b: string | SemVer, options?: Options): boolean;
  export function eq(a: string | SemVer, b: string | SemVer, options?: Options): boolean;
  export function neq(a: string | SemVer, b: string | SemVer, options?: Options): boolean;
  export function cmp(a: string | SemVer, operator: Operator, b: string | SemVer, options?: Options): boolean;
  /** Sorts the list itself, lowest first; of equal versions the builds decide. */
  export function sort<T extends string | SemVer>(versions: T[], options?: Options): T[];
  /** Sorts the list itself, highest first. */
  export function rsort<T extends string | SemVer>(versions: T[], options?: Options): T[];

  /** Whether a range holds a version; false when one of them is none. `satisfies("1.2.3", "^1.1")` */
  export function satisfies(version: string | SemVer, range: string | Range, options?: Options): boolean;
  /** The highest version that a range holds; null when it holds none. */
  export function maxSatisfying<T extends string | SemVer>(
    versions: readonly T[],
    range: string | Range,
    options?: Options,
  ): T | null;
  /** The lowest version that a range holds; null when it holds none. */
  export function minSatisfying<T extends string | SemVer>(
    versions: readonly T[],
    range: string | Range,
    options?: Options,
  ): T | null;
  /** The lowest of all versions that a range can hold. */
  export function minVersion(range: string | Range, options?: Options): SemVer | null;
  /** The range in its plain form: `validRange("~1.2")` is ">=1.2.0 <1.3.0-0". Null when it is none. */
  export function validRange(range: string | Range | null | undefined, options?: Options): string | null;
  /** The conditions of a range, as texts. */
  export function toComparators(range: string | Range, options?: Options): string[][];
  /** Whether a version is above all that a range can hold. */
  export function gtr(version: string | SemVer, range: string | Range, options?: Options): boolean;
  /** Whether a version is below all that a range can hold. */
  export function ltr(version: string | SemVer, range: string | Range, options?: Options): boolean;
  /** As `gtr` with ">", as `ltr` with "<". */
  export function outside(
    version: string | SemVer,
    range: string | Range,
    side: ">" | "<",
    options?: Options,
  ): boolean;
  /** Whether some version can be in both ranges. */
  export function intersects(a: string | Range, b: string | Range, options?: Options): boolean;
  /** Whether one range holds all that another does, as far as it can be told. */
  export function subset(part: string | Range, whole: string | Range, options?: Options): boolean;
  /** A shorter range that holds the same of these versions. */
  export function simplifyRange(
    versions: readonly string[],
    range: string | Range,
    options?: Options,
  ): string | Range;

  /** What `inc` and `diff` know. */
  export const RELEASE_TYPES: readonly Exclude<ReleaseType, "release">[];
  export const SEMVER_SPEC_VERSION: "2.0.0";
}
