// For zako.ts: what zako.toml says of the package.
import { call } from "zako:syscall";

export interface OptionDeclaration {
  readonly default: boolean | number | string;
  /** The only texts that it can be; none: any value of the default's type. */
  readonly values: readonly string[];
  readonly description: string;
}

export interface Project {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly license: string;
  readonly options: Readonly<Record<string, OptionDeclaration>>;
  readonly dependencies: Readonly<Record<string, { readonly path: string }>>;
}

/** The zako.toml of the package. */
export function project(): Project {
  return call("project", {}) as Project;
}
