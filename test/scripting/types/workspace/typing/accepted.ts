// Build files as they should be: the declarations of the built-in modules accept all of this.
import { glob, packageName, packageSettings } from "zako:build";
import { type Target } from "zako:core";
import { definePackage } from "zako:package";
import { attr, rule } from "zako:rule";
import { ccBinary, ccLibrary, ccTest } from "zako:rules/cc";
import { fileGroup } from "zako:rules/files";
import { generate, location, out } from "zako:rules/gen";
import { env, probe, which } from "zako:toolchain";
import { type CcToolchain } from "zako:toolchains/cc";

const { copts } = packageSettings<{ copts: string[] }>();

export const words = fileGroup({ srcs: glob("**/*.txt", { exclude: "old/*" }) });
export const tool: Target = ccBinary({ srcs: "tool.c", copts });
export const table = generate({
  tool,
  srcs: [words],
  outs: ["table.h"],
  args: ["-o", out("table.h"), `--in=${location("in.txt")}`, location(words)],
});
export const generated = generate({ tool: ["awk", "-f", location("x.awk")], stdout: "y" });
export const greet = ccLibrary({
  name: "greet",
  srcs: [glob(["greet/*.c"]), table, "//other:source"],
  hdrs: [["greet.h"]],
  includes: ["."],
  linkopts: ["-lm"],
});
export const hello = ccTest({ srcs: ["main.c"], deps: [greet, ":tool", "//lib"], timeout: 3 });

export const concat = rule({
  attrs: { srcs: attr.files(), out: attr.string(), mode: attr.string({ values: ["a", "b"] }) },
  toolchains: ["cc", "host"],
  implement({ attrs, actions, toolchains }) {
    const { cc } = toolchains["cc"] as CcToolchain;
    const made = actions.declareFile(attrs.out);
    const mode: "a" | "b" = attrs.mode;
    actions.run({ mnemonic: "Concat", argv: [cc[0] ?? "cat", mode, ...attrs.srcs], stdout: made, jobserver: true,
      resources: { cpu: 2, memory: "512M", license: { min: 1, max: 4 }, disk: { min: 1, soft: true } } });
    return { files: [made], providers: { made } };
  },
});
export const all = concat({ srcs: ["x"], out: packageName, mode: "a" });

export const settings = definePackage(({ manifest }) => ({ name: manifest["name"] }));
export const compiler = which("cc", "gcc");
console.log(env("CC"), compiler === null ? "none" : probe([compiler]).text, import.meta.dirname);
