// A rule file.
import { attr, rule } from "zako:rule";
import { type CcToolchain } from "zako:toolchains/cc";
import { digest, words } from "./lib/words.ts";

export const concat = rule({
  attrs: { srcs: attr.files(), out: attr.string() },
  toolchains: ["cc", "host"],
  implement({ attrs, actions, toolchains }) {
    const { env } = toolchains["cc"] as CcToolchain;
    const [word] = words([attrs.out]);
    const out = actions.declareFile(attrs.out);
    actions.run({ mnemonic: "Concat", title: word && digest(word), argv: ["cat", ...attrs.srcs], stdout: out, env });
    return { files: [out] };
  },
});
