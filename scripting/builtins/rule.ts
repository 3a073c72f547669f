// For rule files: how rules are made.
export { attr } from "zako:core/attr";
export { File, Dependency } from "zako:core/file";
export { rule } from "zako:core/rule";
export type { ActionOptions, Actions } from "zako:core/actions";
export type { Attr, Attrs, Files, Tool } from "zako:core/attr";
export type { Rule, RuleContext, RuleDefinition, RuleResult, TestInfo } from "zako:core/rule";
