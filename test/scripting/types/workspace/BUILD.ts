// A build file that takes something from every other kind of file.
import { glob, option, packageSettings, readText } from "zako:build";
import { ccBinary } from "zako:rules/cc";
import config from "./app.config.ts";
import { concat } from "./concat.rule.ts";
import { type Word, words } from "./lib/words.ts";
import data from "./words.json" with { type: "json" };
import { sources } from "./sources.ts";
import { upper } from "#lib/upper.ts";
import { shout } from "shout";
import { twice } from "strings/twice.ts";
import type settings from "./zako.ts";

const { copts } = packageSettings<typeof settings>();
const first: Word = words(data.words)[0] ?? { text: config.prefix };
const suffix = option<boolean>("debug") ? "debug" : readText("suffix.txt").trim();
const { warnings } = await import("./lib/warnings.ts");

export const joined = concat({ srcs: glob("*.txt"), out: `${upper(shout(twice("x")))}${first.text}-${suffix}.txt` });
export const program = ccBinary({ srcs: [sources("*.c"), joined], copts: [...copts, ...warnings] });
