// What every kind of script may use: values that all others are made of.
export { Target } from "zako:core/target";
export { File, Dependency } from "zako:core/file";
