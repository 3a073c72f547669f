// The program. What it says is in the folder greetings, which has a build file of its own.
import { ccBinary } from "zako:rules/cc";

export const hello = ccBinary({ srcs: ["main.c"], deps: ["//greetings"] }); // its label is //:hello
