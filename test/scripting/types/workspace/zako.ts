// A package file.
import { context } from "zako:context";
import { definePackage, option } from "zako:package";
import { project } from "zako:project";
import { major } from "zako:semver";
import { warnings } from "./lib/warnings.ts";

export default definePackage({
  copts: [...warnings, `-DMAJOR=${major(project().version)}`, `-DKIND="${context.kind}"`, `-DDEBUG=${option("debug")}`],
});
