// Targets: what a build file declares by calling a rule. A target gets its label when its file has been evaluated.
import { fail, position, type Position } from "zako:syscall";

/** Any rule's function, as an identity. */
// A rule is a function with attributes of its own type; here only its identity counts.
export type AnyRule = (attrs: never) => Target;

/** How a target stands in the attributes of another one. */
export interface Reference {
  /** Empty until targets have names. */
  label: string;
}

/** Positions by their numbers: many targets may be declared in one place. */
const positions: (Position | null)[] = [];

/** What the constructor wants to see: scripts have the class, and not this. */
export const maker = {};

export class Target {
  readonly #rule: AnyRule;
  readonly #attrs: Record<string, unknown>;
  readonly #givenName: string | undefined;
  readonly #place: number;
  #name: string | undefined;
  #reference: Reference | undefined;

  constructor(
    by: object,
    rule: AnyRule,
    name: string | undefined,
    attrs: Record<string, unknown>,
    place: number,
  ) {
    if (by !== maker)
      fail({ code: "script", message: "a target can only be made by calling a rule", remedy: "import a rule and call it" });
    this.#rule = rule;
    this.#givenName = name;
    this.#name = name;
    this.#attrs = attrs;
    this.#place = place;
    declared.push(this);
  }

  static is(value: unknown): value is Target {
    return typeof value === "object" && value !== null && #rule in value;
  }
  static rule(target: Target): AnyRule {
    return target.#rule;
  }
  static attrs(target: Target): Record<string, unknown> {
    return target.#attrs;
  }
  /** The name given with `name:`. */
  static givenName(target: Target): string | undefined {
    return target.#givenName;
  }
  /** That name, or the one given with `setName`. */
  static nameOf(target: Target): string | undefined {
    return target.#name;
  }
  static setName(target: Target, name: string): void {
    target.#name = name;
  }
  static position(target: Target): Position | null {
    return (positions[target.#place] ??= position(target.#place));
  }
  static reference(target: Target): Reference {
    return (target.#reference ??= { label: "" });
  }
  /** Completes what `reference` gave, if it was asked for. */
  static complete(target: Target, packageName: string): void {
    if (target.#reference !== undefined) target.#reference.label = `//${packageName}:${target.#name!}`;
  }

  toString(): string {
    return `target ${this.#givenName ?? "(named by its export)"}`;
  }
}

/** Every target of this evaluation, in the order of declaration. */
export const declared: Target[] = [];
