// A library of build files: what they may import, it may.
import { glob } from "zako:build";

export const sources = (pattern: string): string[] => glob(`src/${pattern}`, { exclude: "src/old/*" });
