// Rules: the attributes that a target has, and the function that turns them into actions.
import { Actions, findProgram, type Action } from "zako:core/actions";
import { Place, type Attr, type Attrs } from "zako:core/attr";
import { describe, didYouMean, refuseAttribute } from "zako:core/errors";
import { File } from "zako:core/file";
import { isTargetName } from "zako:core/label";
import { maker, Target, type AnyRule } from "zako:core/target";
import { fail, here, job, modules } from "zako:syscall";

type Given<A> = A extends Attr<infer In, infer _Out> ? In : never;
type Restored<A> = A extends Attr<infer _In, infer Out> ? Out : never;

/** What a build file may give: `name`, and the rule's attributes. */
export type GivenAttrs<A> = { readonly name?: string } & { readonly [K in keyof A]?: Given<A[K]> };

export interface RuleContext<A> {
  /** "//path:name" */
  readonly label: string;
  /** The folder of the BUILD.ts. */
  readonly package: string;
  readonly name: string;
  readonly attrs: { readonly [K in keyof A]: Restored<A[K]> };
  readonly actions: Actions;
  /** What the rule's toolchains gave. */
  readonly toolchains: Readonly<Record<string, unknown>>;
}

export interface TestInfo {
  /** The program and its arguments. */
  argv: readonly (string | File)[];
  env?: Readonly<Record<string, string>>;
  /** Files it reads. */
  inputs?: readonly File[];
  /** Seconds. */
  timeout?: number;
}

export interface RuleResult {
  /** What the target stands for where files are wanted. */
  files?: readonly File[];
  /** For rules that depend on this one: plain data and files, by name. */
  providers?: Readonly<Record<string, unknown>>;
  /** What `zako run` starts. */
  executable?: File;
  test?: TestInfo;
}

export interface RuleDefinition<A> {
  attrs: A;
  /** Names of toolchains ("cc", "host") or files beside the rule's ("./lua.toolchain.ts": `toolchains.lua`), or those
   *  that these attributes need. */
  toolchains?: readonly string[] | ((attrs: Record<string, unknown>) => readonly string[]);
  implement(context: RuleContext<A>): RuleResult;
}

export type Rule<A> = (attrs: GivenAttrs<A>) => Target;

const definitions = new WeakMap<object, RuleDefinition<Attrs>>();

/** A rule's attributes, ready to be read: made once, as a build file may call a rule many times. */
interface Schema {
  readonly rule: AnyRule;
  readonly fields: Map<string, { readonly type: Attr<unknown, unknown>; readonly place: Place }>;
  readonly required: readonly string[];
}

function schemaOf(rule: AnyRule, attrs: Attrs): Schema {
  const all = Object.entries(attrs);
  const named = (): string => ruleName(rule);
  return {
    rule,
    fields: new Map(all.map(([key, type]) => [key, { type, place: new Place(named, key) }])),
    required: all.filter(([, type]) => type.required).map(([key]) => key),
  };
}

export function definitionOf(value: unknown): RuleDefinition<Attrs> | undefined {
  return typeof value === "function" ? definitions.get(value) : undefined;
}

/** Where a rule is exported; undefined when no loaded module does. Others may pass it on, so built-in modules and rule
 *  files come first. */
export function exportOf(rule: AnyRule): { module: string; export: string } | undefined {
  const order = (id: string): number => (id.startsWith("zako:") ? 0 : id.endsWith(".rule.ts") ? 1 : 2);
  const sorted = modules()
    .filter(([id]) => id !== job.module)
    .sort(([a], [b]) => order(a) - order(b));
  for (const [module, namespace] of sorted)
    for (const name of Object.keys(namespace))
      if (namespace[name] === rule) return { module, export: name };
  return undefined;
}

function ruleName(rule: AnyRule): string {
  return exportOf(rule)?.export ?? "this rule";
}

function refuseUnknown(schema: Schema, key: string): never {
  const known = ["name", ...schema.fields.keys()];
  return refuseAttribute(
    `${ruleName(schema.rule)} has no attribute '${key}'`,
    didYouMean(key, known, `it has ${known.join(", ")}`),
  );
}

function refuseMissing(schema: Schema, key: string): never {
  const { type } = schema.fields.get(key)!;
  return refuseAttribute(`${ruleName(schema.rule)} needs the attribute '${key}'`, `'${key}' is ${type.expects}`);
}

/** Those that are given: what the others are, the rule knows. */
function readAttrs(schema: Schema, given: Record<string, unknown>): Record<string, unknown> {
  const attrs: Record<string, unknown> = {};
  for (const key of Object.keys(given)) {
    if (key === "name") continue;
    const field = schema.fields.get(key) ?? refuseUnknown(schema, key);
    const value = given[key];
    if (value !== undefined) attrs[key] = field.type.read(value, field.place);
  }
  for (const key of schema.required) if (attrs[key] === undefined) refuseMissing(schema, key);
  return attrs;
}

function declare(schema: Schema, given: unknown): Target {
  const { rule } = schema;
  if (job.context !== "build")
    fail({
      code: "script",
      message: `${ruleName(rule)} declares a target, which only a BUILD.ts can`,
      remedy: "call it in a BUILD.ts or in a function that a BUILD.ts calls",
    });
  if (typeof given !== "object" || given === null || Array.isArray(given))
    refuseAttribute(
      `${ruleName(rule)} takes one object of attributes, not ${describe(given)}`,
      `write ${ruleName(rule)}({ … })`,
    );
  const { name } = given as { name?: unknown };
  if (name !== undefined && (typeof name !== "string" || !isTargetName(name)))
    refuseAttribute(
      `${ruleName(rule)}: 'name' must be a target's name, not ${describe(name)}`,
      "use letters, digits and _ . + -",
    );
  const attrs = readAttrs(schema, given as Record<string, unknown>);
  return new Target(maker, rule, name, attrs, here());
}

/** Makes a rule: a function that a build file calls to declare a target. Export it under the name it is called by. */
export function rule<const A extends Attrs>(definition: RuleDefinition<A>): Rule<A> {
  // Not Object.hasOwn: V8 adds that to a realm after its snapshot.
  if (Object.keys(definition.attrs).includes("name"))
    fail({ code: "script", message: "a rule cannot define the attribute 'name': every target has it" });
  const call = (given: GivenAttrs<A>): Target => declare(schema, given);
  const schema = schemaOf(call as AnyRule, definition.attrs);
  definitions.set(call, definition as unknown as RuleDefinition<Attrs>);
  return call;
}

export function toolchainsOf(definition: RuleDefinition<Attrs>, attrs: Record<string, unknown>): readonly string[] {
  const { toolchains } = definition;
  if (typeof toolchains !== "function") return toolchains ?? ["host"];
  const fallbacks = Object.entries(definition.attrs).map(([key, type]) => [key, type.fallback]);
  return toolchains({ ...Object.fromEntries(fallbacks), ...attrs });
}

interface ImplementArgument {
  label: string;
  package: string;
  name: string;
  attrs: Record<string, unknown>;
  toolchains: Record<string, unknown>;
}

interface Implemented {
  actions: Action[];
  files: readonly File[];
  providers: Readonly<Record<string, unknown>>;
  executable: File | null;
  test: unknown;
}

/** Runs a rule's implementation for one target. */
export async function implementRule(
  definition: RuleDefinition<Attrs>,
  argument: ImplementArgument,
): Promise<Implemented> {
  const programs = argument.toolchains["host"] as Record<string, string | null> | undefined;
  const actions = new Actions(argument.label, argument.package, programs);
  const by = {
    output: (name: string): File => actions.declareFile(name),
    program: (name: string): string => findProgram(name, programs),
  };
  const attrs: Record<string, unknown> = {};
  for (const [key, type] of Object.entries(definition.attrs))
    attrs[key] = type.restore((argument.attrs[key] ?? type.fallback) as never, by);
  const result = await definition.implement({
    label: argument.label,
    package: argument.package,
    name: argument.name,
    attrs,
    actions,
    toolchains: argument.toolchains,
  });
  const test = result?.test;
  return {
    actions: Actions.finish(actions),
    files: result?.files ?? [],
    providers: result?.providers ?? {},
    executable: result?.executable ?? null,
    test: test === undefined
      ? null
      : {
          argv: test.argv.map(String),
          env: { ...test.env },
          inputs: [...(test.inputs ?? []), ...test.argv.filter((x) => x instanceof File)],
          timeout: test.timeout ?? 0,
        },
  };
}
