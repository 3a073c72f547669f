// A config file.
import { defineConfig, env, option, readText } from "zako:config";

export default defineConfig({
  prefix: env("PREFIX") ?? readText("prefix.txt").trim(),
  debug: option<boolean>("debug"),
});
