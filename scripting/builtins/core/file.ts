// Files as a rule's implementation sees them.
import { basename, extension } from "zako:core/label";

export class File {
  /** Relative to the workspace. */
  readonly path: string;
  /** The label of the target whose action makes it; a source has none. */
  declare readonly owner?: string;

  constructor(path: string, owner?: string) {
    this.path = path;
    if (owner !== undefined) this.owner = owner;
  }

  /** The last part of the path. */
  get basename(): string {
    return basename(this.path);
  }
  /** With the dot: ".c". */
  get extension(): string {
    return extension(this.path);
  }
  get isSource(): boolean {
    return this.owner === undefined;
  }

  toString(): string {
    return this.path;
  }
}

/** A file as it crosses the boundary. */
export interface FileReference {
  path: string;
  owner?: string | null;
}

export function toFile(reference: FileReference): File {
  return new File(reference.path, reference.owner ?? undefined);
}

/** A dependency as a rule's implementation sees it: what the rule of that target gave. */
export class Dependency {
  readonly label: string;
  readonly files: readonly File[];
  readonly providers: Readonly<Record<string, unknown>>;
  /** What `zako run` would start. */
  readonly executable: File | null;

  constructor(
    label: string,
    files: File[],
    providers: Record<string, unknown>,
    executable: File | null,
  ) {
    this.executable = executable;
    this.label = label;
    this.files = files;
    this.providers = providers;
  }
}

/** Files among the data that a rule provides: objects with a path, perhaps an owner, and nothing else. */
function withFiles(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withFiles);
  if (typeof value !== "object" || value === null) return value;
  const { path, owner, ...rest } = value as Record<string, unknown>;
  if (typeof path === "string" && (typeof owner === "string" || (owner ?? null) === null) && Object.keys(rest).length === 0)
    return new File(path, (owner as string | null | undefined) ?? undefined);
  return Object.fromEntries(Object.entries(value).map(([k, x]) => [k, withFiles(x)]));
}

/** A label attribute's member, resolved by the engine. */
export interface ResolvedLabel {
  label: string;
  files?: FileReference[] | null;
  providers?: Record<string, unknown> | null;
  executable?: FileReference | null;
}

export function toDependency(resolved: ResolvedLabel): Dependency {
  return new Dependency(
    resolved.label,
    (resolved.files ?? []).map(toFile),
    withFiles(resolved.providers ?? {}) as Record<string, unknown>,
    resolved.executable ? toFile(resolved.executable) : null,
  );
}
