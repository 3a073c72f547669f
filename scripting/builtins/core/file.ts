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

  constructor(label: string, files: File[], providers: Record<string, unknown>) {
    this.label = label;
    this.files = files;
    this.providers = providers;
  }
}

/** A label attribute's member, resolved by the engine. */
export interface ResolvedLabel {
  label: string;
  files?: FileReference[] | null;
  providers?: Record<string, unknown> | null;
}

export function toDependency(resolved: ResolvedLabel): Dependency {
  return new Dependency(resolved.label, (resolved.files ?? []).map(toFile), resolved.providers ?? {});
}
