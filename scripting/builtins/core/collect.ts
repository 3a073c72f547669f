// Collects the targets of a build file once it has been evaluated: names them, and gives them as plain data.
import { refuseAttribute } from "zako:core/errors";
import { isTargetName } from "zako:core/label";
import { definitionOf, exportOf, toolchainsOf } from "zako:core/rule";
import { declared, Target } from "zako:core/target";
import { fail, job } from "zako:syscall";

interface TargetData {
  name: string;
  rule: { module: string; export: string };
  toolchains: readonly string[];
  attrs: unknown;
  position: unknown;
}

function refuseName(target: Target, message: string, remedy: string): never {
  return refuseAttribute(message, remedy, Target.position(target));
}

/** Names by `name:`, otherwise by export. */
function nameTargets(namespace: Record<string, unknown>): Map<Target, string> {
  const names = new Map<Target, string>();
  for (const target of declared) {
    const name = Target.givenName(target);
    if (name !== undefined) names.set(target, name);
  }
  for (const [name, value] of Object.entries(namespace)) {
    if (name === "default") {
      for (const target of Array.isArray(value) ? (value as unknown[]) : [value])
        if (Target.is(target) && !names.has(target) && !Object.values(namespace).includes(target))
          refuseName(target, "a target of the default export has no name", "give it a name: name: \"…\"");
      continue;
    }
    if (!Target.is(value) || Target.givenName(value) !== undefined) continue;
    const other = names.get(value);
    if (other !== undefined)
      refuseName(value, `one target is exported as '${other}' and as '${name}'`, "export it once, or give it a name");
    names.set(value, name);
  }
  for (const target of declared)
    if (!names.has(target))
      refuseName(target, "this target has no name", 'export it or give it a name: export const x = …, or name: "x"');
  for (const [target, name] of names)
    if (name === "all" || !isTargetName(name))
      refuseName(
        target,
        `a target cannot be named '${name}'`,
        name === "all" ? "'all' stands for every target of a package" : "use letters, digits and _ . + -",
      );
  return names;
}

function refuseDuplicates(names: Map<Target, string>): void {
  const first = new Map<string, Target>();
  for (const target of declared) {
    const name = names.get(target)!;
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
function withLabels(value: unknown, names: Map<Target, string>): unknown {
  if (Target.is(value)) return { label: `//${job.argument.package as string}:${names.get(value)!}` };
  if (!holdsTarget(value)) return value;
  if (Array.isArray(value)) return value.map((x: unknown) => withLabels(x, names));
  const entries = Object.entries(value as Record<string, unknown>);
  return Object.fromEntries(entries.map(([k, x]) => [k, withLabels(x, names)]));
}

export function collectTargets(namespace: Record<string, unknown>): { targets: TargetData[] } {
  const names = nameTargets(namespace);
  refuseDuplicates(names);
  const exports = new Map<unknown, { module: string; export: string }>();
  const targets = declared.map((target): TargetData => {
    const rule = Target.rule(target);
    let where = exports.get(rule);
    if (where === undefined) {
      where = exportOf(rule);
      if (where === undefined)
        refuseName(target, "the rule of this target is not exported by a module", "define it in a .rule.ts file and export it there");
      exports.set(rule, where);
    }
    const attrs = Target.attrs(target);
    return {
      name: names.get(target)!,
      rule: where,
      toolchains: toolchainsOf(definitionOf(rule)!, attrs),
      attrs: withLabels(attrs, names),
      position: Target.position(target),
    };
  });
  return { targets };
}
