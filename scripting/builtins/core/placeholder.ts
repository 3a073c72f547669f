// Placeholders in arguments: files and outputs whose paths are only known when the rule is implemented. They can stand
// alone or inside a template text, because as a text each is a token that is found again.
import { type FileLike } from "zako:core/attr";

export type PlaceholderTarget =
  | { readonly kind: "location"; readonly of: FileLike }
  | { readonly kind: "output"; readonly name: string };

const made: Placeholder[] = [];
const token = /\u0001zako:(\d+)\u0001/;

export class Placeholder {
  readonly target: PlaceholderTarget;
  readonly #index: number;

  constructor(target: PlaceholderTarget) {
    this.target = target;
    this.#index = made.length;
    made.push(this);
  }

  toString(): string {
    return `\u0001zako:${this.#index}\u0001`;
  }
}

/** A text as the literal texts and placeholders it is made of. */
export function splitPlaceholders(text: string): (string | Placeholder)[] {
  const parts = text.split(token);
  return parts
    .map((part, i) => (i % 2 === 0 ? part : made[Number(part)]!))
    .filter((part) => part !== "");
}
