// Collects the targets of a build file once it has been evaluated: names them, and gives them as plain data.
import { type Attrs } from "zako:core/attr";
import { refuseAttribute } from "zako:core/errors";
import { isTargetName } from "zako:core/label";
import { definitionOf, exportOf, toolchainsOf, type RuleDefinition } from "zako:core/rule";
import { declared, Target } from "zako:core/target";
import { fail, job, type Position } from "zako:syscall";

/** One target: name, number of its rule, toolchains, attributes, and its position when that was asked for. */
type TargetData = [string, number, readonly string[], unknown, Position | null];

interface Collected {
  rules: { module: string; export: string }[];
  targets: TargetData[];
}

function refuseName(target: Target, message: string, remedy: string): never {
  return refuseAttribute(message, remedy, Target.position(target));
}

/** Names by `name:`, otherwise by export. */
function nameTargets(namespace: Record<string, unknown>): void {
  const exported = new Set<unknown>(Object.values(namespace));
  for (const [name, value] of Object.entries(namespace)) {
    if (name === "default") {
      for (const target of Array.isArray(value) ? (value as unknown[]) : [value])
        if (Target.is(target) && Target.nameOf(target) === undefined && !exported.has(target))
          refuseName(target, "a target of the default export has no name", "give it a name: name: \"…\"");
      continue;
    }
    if (!Target.is(value) || Target.givenName(value) !== undefined) continue;
    const other = Target.nameOf(value);
    if (other !== undefined)
      refuseName(value, `one target is exported as '${other}' and as '${name}'`, "export it once, or give it a name");
    Target.setName(value, name);
  }
  for (const target of declared)
    if (Target.nameOf(target) === undefined)
      refuseName(target, "this target has no name", 'export it or give it a name: export const x = …, or name: "x"');
  for (const target of declared) {
    const name = Target.nameOf(target)!;
    // Names given with `name:` were checked when they were given.
    if (name === "all" || (Target.givenName(target) === undefined && !isTargetName(name)))
      refuseName(
        target,
        `a target cannot be named '${name}'`,
        name === "all" ? "'all' stands for every target of a package" : "use letters, digits and _ . + -",
      );
  }
}

function refuseDuplicates(): void {
  const first = new Map<string, Target>();
  for (const target of declared) {
    const name = Target.nameOf(target)!;
    const other = first.get(name);
    if (other !== undefined)
      fail({
        code: "invalid_attribute",
        message: `two targets are named '${name}'`,
        remedy: "rename one of them",
        position: Target.position(target),
        causes: [{ message: "the other one is here", position: Target.position(other) }],
      });
    first.set(name, target);
  }
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

function holdsTarget(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (Target.is(value)) return true;
  if (Array.isArray(value)) return value.some(holdsTarget);
  return isPlainObject(value) && Object.values(value).some(holdsTarget);
}

/** The targets inside an attribute become label references; what holds none stays as it is. */
function withLabels(value: unknown): unknown {
  if (Target.is(value)) return Target.reference(value);
  if (!holdsTarget(value)) return value;
  if (Array.isArray(value)) return value.map(withLabels);
  const entries = Object.entries(value as Record<string, unknown>);
  return Object.fromEntries(entries.map(([k, x]) => [k, withLabels(x)]));
}

/** What the targets of one rule have in common. */
interface RuleData {
  number: number;
  definition: RuleDefinition<Attrs>;
  /** Its attributes may hold targets. */
  open: boolean;
}

function ruleData(target: Target, rules: Collected["rules"]): RuleData {
  const made = Target.rule(target);
  const rule = exportOf(made);
  if (rule === undefined)
    refuseName(target, "the rule of this target is not exported by a module", "define it in a .rule.ts file and export it there");
  const definition = definitionOf(made)!;
  const open = Object.values(definition.attrs).some((type) => type.referring !== true);
  return { number: rules.push(rule) - 1, definition, open };
}

export function collectTargets(namespace: Record<string, unknown>): Collected {
  nameTargets(namespace);
  refuseDuplicates();
  const known = new Map<unknown, RuleData>();
  const collected: Collected = { rules: [], targets: [] };
  for (const target of declared) {
    let rule = known.get(Target.rule(target));
    if (rule === undefined) known.set(Target.rule(target), (rule = ruleData(target, collected.rules)));
    const attrs = Target.attrs(target);
    collected.targets.push([
      Target.nameOf(target)!,
      rule.number,
      toolchainsOf(rule.definition, attrs),
      rule.open ? withLabels(attrs) : attrs,
      job.places ? Target.position(target) : null,
    ]);
  }
  for (const target of declared) Target.complete(target, job.argument.package as string);
  return collected;
}
