// Digests of texts and bytes.
import { refuseAttribute } from "zako:core/errors";
import { hash } from "zako:syscall";

/** BLAKE3-256 of a text's UTF-8 or of bytes, as 64 hexadecimal digits. */
export function blake3(data: string | Uint8Array): string {
  if (typeof data !== "string" && !(data instanceof Uint8Array))
    refuseAttribute("blake3() takes a text or a Uint8Array", "write blake3(JSON.stringify(x)) for other values");
  return hash(data);
}
