// Targets: what a build file declares by calling a rule. A target gets its label when its file has been evaluated.
import { type Position } from "zako:syscall";

/** Any rule's function, as an identity. */
// A rule is a function with attributes of its own type; here only its identity counts.
export type AnyRule = (attrs: never) => Target;

export class Target {
  readonly #rule: AnyRule;
  readonly #attrs: Record<string, unknown>;
  readonly #name: string | undefined;
  readonly #position: Position | null;

  constructor(
    rule: AnyRule,
    name: string | undefined,
    attrs: Record<string, unknown>,
    position: Position | null,
  ) {
    this.#rule = rule;
    this.#name = name;
    this.#attrs = attrs;
    this.#position = position;
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
    return target.#name;
  }
  static position(target: Target): Position | null {
    return target.#position;
  }

  toString(): string {
    return `target ${this.#name ?? "(named by its export)"}`;
  }
}

/** Every target of this evaluation, in the order of declaration. */
export const declared: Target[] = [];
