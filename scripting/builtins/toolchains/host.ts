// Programs of the machine that rules may name without a path: where each is, or null.
import { which } from "zako:toolchain";

const names = [
  "awk", "base64", "bash", "bison", "cat", "cmp", "cp", "cut", "diff", "flex", "gawk", "gperf", "grep", "gzip", "head",
  "install", "ln", "m4", "mkdir", "node", "objcopy", "openssl", "perl", "protoc", "python3", "sed", "sh", "sha256sum",
  "sort", "strip", "tail", "tar", "tee", "touch", "tr", "uniq", "xxd", "xz", "zip", "zstd",
];

const programs: Record<string, string | null> = {};
for (const name of names) programs[name] = which(name);

export default programs;
