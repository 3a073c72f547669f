// A library whose table of words is made from greetings.txt by a small program, which is built first.
import { ccBinary, ccLibrary, ccTest } from "zako:rules/cc";
import { generate, location } from "zako:rules/gen";

const makeTable = ccBinary({ name: "make_table", srcs: ["make_table.c"] });

const table = generate({
  name: "table",
  tool: makeTable,
  args: [location("greetings.txt")],
  stdout: "table.h",
});

export const greetings = ccLibrary({ srcs: ["greetings.c", table], hdrs: ["greetings.h"] });

export const greetings_test = ccTest({ srcs: ["greetings_test.c"], deps: [greetings] });
