// Labels and paths as texts: "//path:name", and paths relative to the workspace.
import { describe, refuseAttribute } from "zako:core/errors";

const labelForm = /^(?:\/\/((?:[A-Za-z0-9_.+-]+(?:\/[A-Za-z0-9_.+-]+)*)?))?(?::([A-Za-z0-9_.+-]+))?$/;
const nameForm = /^[A-Za-z0-9_.+-]+$/;

export function isLabelText(text: string): boolean {
  return text.startsWith("//") || text.startsWith(":");
}

export function isTargetName(text: string): boolean {
  return nameForm.test(text);
}

const plainPathForm = /^[\w+-][\w.+-]*(?:\/[\w+-][\w.+-]*)*$/;

/** True for most paths: they have nothing that must be normalised or refused. */
export function isPlainPath(text: string): boolean {
  return plainPathForm.test(text);
}

/** Where a text stands, for messages; made only when there is one. */
export interface Where {
  readonly what: string;
}

/** The full form of "//path:name", "//path" or ":name". */
export function parseLabel(text: string, here: string, where: Where): string {
  const match = labelForm.exec(text);
  const path = match?.[1] ?? here;
  const name = match?.[2] ?? (text.startsWith("//") ? path.slice(path.lastIndexOf("/") + 1) : undefined);
  if (match === null || name === undefined || name === "")
    refuseAttribute(`${where.what}: '${text}' is not a label`, 'labels look like "//path:name" or ":name"');
  return `//${path}:${name}`;
}

/** `text`, relative to the folder `base`, as a normalised path of the workspace that stays inside `base`. */
export function joinPath(base: string, text: string, where: Where): string {
  if (text === "") refuseAttribute(`${where.what}: a path is empty`, "name a file");
  if (text.startsWith("/"))
    refuseAttribute(`${where.what}: '${text}' is absolute`, "write a path relative to the BUILD.ts");
  if (text.includes("\\") || text.includes("\0"))
    refuseAttribute(`${where.what}: ${describe(text)} is not a path`, "separate folders with '/'");
  const parts: string[] = [];
  for (const part of text.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") {
      parts.push(part);
    } else if (parts.pop() === undefined) {
      refuseAttribute(
        `${where.what}: '${text}' leads out of its package`,
        'export the file there with fileGroup, and name that by its label "//path:name"',
      );
    }
  }
  return [base, ...parts].filter((part) => part !== "").join("/");
}

export function dirname(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

export function basename(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** With the dot; empty when there is none. */
export function extension(path: string): string {
  const name = basename(path);
  const dot = name.lastIndexOf(".");
  return dot <= 0 ? "" : name.slice(dot);
}
