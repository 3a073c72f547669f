// fmt and most of its tests (those that compile quickly), as its CMake files build them.
import { ccLibrary, ccTest } from "zako:rules/cc";

const copts = ["-std=c++17", "-Wno-stringop-overflow"];

export const fmt = ccLibrary({ srcs: ["src/format.cc", "src/os.cc"], includes: ["include"], copts });

const testMain = ccLibrary({
  name: "test-main",
  srcs: ["test/test-main.cc", "test/gtest-extra.cc", "test/util.cc"],
  includes: ["test"],
  copts,
  deps: [fmt, "//googletest:gmock"],
});

function test(name: string, ...more: string[]) {
  return ccTest({ name, srcs: [`test/${name}.cc`, ...more], copts, deps: [testMain] });
}

export default [
  test("args-test"),
  test("assert-test"),
  test("color-test"),
  test("core-test"),
  test("gtest-extra-test"),
  test("os-test"),
  test("ostream-test"),
  test("printf-test"),
  test("ranges-test", "test/ranges-odr-test.cc"),
  test("scan-test"),
  test("std-test"),
];
