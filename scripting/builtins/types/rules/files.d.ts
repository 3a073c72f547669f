/** For build files: groups of files. */
declare module "zako:rules/files" {
  import { type Files, type Target } from "zako:core";

  /** Files that other targets and other packages can name by one label. */
  export function fileGroup(attrs: { readonly name?: string; readonly srcs: Files }): Target;
}
