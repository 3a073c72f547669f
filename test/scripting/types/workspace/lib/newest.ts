// A library that no other file imports.
import { rsort } from "zako:semver";

export default (versions: string[]): string | undefined => rsort(versions)[0];
