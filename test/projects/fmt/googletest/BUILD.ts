// The two libraries of GoogleTest, each compiled from the file that includes all others.
import { ccLibrary } from "zako:rules/cc";

const copts = ["-std=c++17"];

export const gtest = ccLibrary({
  srcs: ["googletest/src/gtest-all.cc"],
  includes: ["googletest/include", "googletest"],
  copts,
  linkopts: ["-pthread"],
});

export const gmock = ccLibrary({
  srcs: ["googlemock/src/gmock-all.cc"],
  includes: ["googlemock/include", "googlemock"],
  copts,
  deps: [gtest],
});
