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

interface Declared {
  readonly rule: AnyRule;
  readonly attrs: Record<string, unknown>;
  readonly givenName: string | undefined;
  readonly place: number;
  name: string | undefined;
  reference: Reference | undefined;
}

/** What the constructor wants to see: scripts have the class, and not this. */
export const maker = {};

export class Target {
  // One field: private ones are dear to make, and there may be many targets.
  readonly #declared: Declared;

  constructor(
    by: object,
    rule: AnyRule,
    name: string | undefined,
    attrs: Record<string, unknown>,
    place: number,
  ) {
    if (by !== maker)
      fail({ code: "script", message: "a target can only be made by calling a rule", remedy: "import a rule and call it" });
    this.#declared = { rule, attrs, givenName: name, place, name, reference: undefined };
    declared.push(this);
  }

  static is(value: unknown): value is Target {
    return typeof value === "object" && value !== null && #declared in value;
  }
  static rule(target: Target): AnyRule {
    return target.#declared.rule;
  }
  static attrs(target: Target): Record<string, unknown> {
    return target.#declared.attrs;
  }
  /** The name given with `name:`. */
  static givenName(target: Target): string | undefined {
    return target.#declared.givenName;
  }
  /** That name, or the one given with `setName`. */
  static nameOf(target: Target): string | undefined {
    return target.#declared.name;
  }
  static setName(target: Target, name: string): void {
    target.#declared.name = name;
  }
  static position(target: Target): Position | null {
    return position(target.#declared.place);
  }
  static reference(target: Target): Reference {
    return (target.#declared.reference ??= { label: "" });
  }
  /** Completes what `reference` gave, if it was asked for. */
  static complete(target: Target, packageName: string): void {
    const { name, reference } = target.#declared;
    if (reference !== undefined) reference.label = `//${packageName}:${name!}`;
  }

  toString(): string {
    return `target ${this.#declared.givenName ?? "(named by its export)"}`;
  }
}

/** Every target of this evaluation, in the order of declaration. */
export const declared: Target[] = [];
