// Errors of the built-in modules, with the place of the script's code that caused them.
import { fail, type Position } from "zako:syscall";

/** The edit distance with swaps of neighbours; what lies past `limit` is only known to be more. */
function distance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let before: number[] = [];
  let last: number[] = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; ++i) {
    const row = [i];
    for (let j = 1; j <= b.length; ++j) {
      const same = a[i - 1] === b[j - 1];
      let best = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        best = Math.min(best, before[j - 2]! + 1);
      row.push(best);
    }
    before = last;
    last = row;
  }
  return last[b.length]!;
}

/** "did you mean 'x'?" for the closest candidate, or `otherwise`. */
export function didYouMean(name: string, candidates: string[], otherwise: string): string {
  let found: string | undefined;
  let least = Infinity;
  for (const candidate of candidates) {
    const limit = Math.max(1, Math.floor(Math.max(name.length, candidate.length) / 3));
    const d = distance(name, candidate, limit);
    if (d <= limit && d < least) {
      least = d;
      found = candidate;
    }
  }
  return found === undefined ? otherwise : `did you mean '${found}'?`;
}

/** A wrong attribute of a target. */
export function refuseAttribute(message: string, remedy: string, position?: Position | null): never {
  fail({ code: "invalid_attribute", message, remedy, position: position ?? null });
}

/** What a value is, for "must be a text, not …". */
export function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return "a list";
  switch (typeof value) {
    case "string":
      return `the text ${JSON.stringify(value.length > 40 ? value.slice(0, 40) + "…" : value)}`;
    case "number":
    case "boolean":
      return `${String(value)}`;
    case "object":
      return value instanceof Promise ? "a promise (await it)" : "an object";
    default:
      return `a ${typeof value}`;
  }
}
