// Groups of files under one name.
import { attr, rule } from "zako:rule";

/** Files that other targets and other packages can name by one label. */
export const fileGroup = rule({
  attrs: { srcs: attr.files({ required: true }) },
  toolchains: [],
  implement: ({ attrs }) => ({ files: attrs.srcs }),
});
