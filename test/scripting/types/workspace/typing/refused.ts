// Build files as they should not be: each marked line is red in the editor.
import { glob } from "zako:build";
import { attr, rule } from "zako:rule";
import { ccLibrary } from "zako:rules/cc";
import { generate } from "zako:rules/gen";

// @ts-expect-error unknown attribute
ccLibrary({ src: ["a.c"] });
// @ts-expect-error a list is wanted
ccLibrary({ copts: "-O2" });
// @ts-expect-error a number is no file
ccLibrary({ srcs: [1] });
// @ts-expect-error the tool is missing
generate({ outs: ["x"] });
// @ts-expect-error a pattern is a text
glob(3);

const r = rule({
  attrs: { n: attr.number(), mode: attr.string({ values: ["a", "b"] }) },
  implement: ({ attrs }) => {
    // @ts-expect-error not among the attributes
    attrs.missing;
    return {};
  },
});
// @ts-expect-error a text is no number
r({ n: "1" });
// @ts-expect-error not one of the values
r({ mode: "c" });
// @ts-expect-error there are no timers
setTimeout(() => {}, 1);
// @ts-expect-error there is no network
fetch("x");
