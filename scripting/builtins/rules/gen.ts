// Files made by running a program.
import { type FileLike } from "zako:core/attr";
import { Placeholder } from "zako:core/placeholder";
import { attr, rule } from "zako:rule";

/** The path of a file in an argument; the file becomes an input. Works inside template texts, too. */
export function location(file: FileLike): Placeholder {
  return new Placeholder({ kind: "location", of: file });
}

/** The path of an output in an argument. Works inside template texts, too. */
export function out(name: string): Placeholder {
  return new Placeholder({ kind: "output", name });
}

/** Runs a program to make files. */
export const generate = rule({
  attrs: {
    tool: attr.tool(),
    srcs: attr.files(),
    outs: attr.strings(),
    args: attr.args(),
    stdout: attr.string({ default: "" }),
    env: attr.stringMap(),
  },
  toolchains: (attrs) => {
    const { command } = attrs["tool"] as { command: object };
    return "program" in command ? ["host"] : [];
  },
  implement({ attrs, actions }) {
    const stdout = attrs.stdout === "" ? undefined : actions.declareFile(attrs.stdout);
    const outputs = attrs.outs.map((name) => actions.declareFile(name));
    const files = [...new Set(stdout === undefined ? outputs : [...outputs, stdout])];
    actions.run({
      mnemonic: "Gen",
      title: `GEN ${files.map((file) => file.path.replace(/^zako-out\//, "")).join(" ")}`,
      argv: [attrs.tool.command, ...attrs.tool.args, ...attrs.args],
      env: { PATH: "/usr/local/bin:/usr/bin:/bin", LC_ALL: "C", ...attrs.env },
      inputs: attrs.srcs,
      outputs: files,
      ...(stdout === undefined ? {} : { stdout }),
    });
    return { files };
  },
});
