// A library of build and of rule files: it imports only what both may.
import { blake3 } from "zako:hash";

export interface Word {
  text: string;
}
export const words = (texts: readonly string[]): Word[] => texts.map((text) => ({ text }));
export const digest = (word: Word): string => blake3(word.text);
