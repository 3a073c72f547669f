/** For all scripts: digests of texts and bytes. */
declare module "zako:hash" {
  /**
   * BLAKE3, 256 bits, as 64 lower-case hexadecimal digits: names contents, as Zako itself does. A text counts as its
   * UTF-8 bytes.
   *
   *     import { blake3 } from "zako:hash";
   *     const name = `table-${blake3(words.join("\n")).slice(0, 8)}.h`;
   */
  export function blake3(data: string | Uint8Array): string;
}
