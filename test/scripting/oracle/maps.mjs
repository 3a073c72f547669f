// Reads the transpiler's maps with node's own reader, and lets node show where errors come from.
//
//   node maps.mjs ZAKO        the program zako
import assert from 'node:assert';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const zako = process.argv[2];
const folder = mkdtempSync(join(tmpdir(), 'zako-maps-'));

function run(program, ...args) {
  const done = spawnSync(program, args, { cwd: folder, encoding: 'utf8' });
  return { code: done.status, out: done.stdout, err: done.stderr };
}

/** Line and column, from 0, of the one place where `text` stands. */
function placeOf(source, text) {
  const at = source.indexOf(text);
  assert(at >= 0 && source.indexOf(text, at + 1) < 0, `'${text}' must stand once`);
  const lines = source.slice(0, at).split(/\r\n|[\n\r\u2028\u2029]/);
  return { line: lines.length - 1, column: lines.at(-1).length };
}

// Each file throws at MARK; what is before it moves text in some way.
const cases = {
  'nothing moves': 'const a: number = 1; MARK();\n',
  'an enum': 'enum E { A, B = "x" } MARK();\n',
  'an enum on lines': 'export enum E {\n  A,\n  B = 1 << 2,\n}\nMARK(E.A);\n',
  'a namespace': 'namespace N { export const a: number = 1; export function f() { MARK(a); } }\nN.f();\n',
  'a namespace on lines': 'namespace N {\n  export let a = 1;\n  export namespace M {\n    a = 2; MARK(a);\n  }\n}\n',
  'parameter properties': 'class A { constructor(private a: number, readonly b = 1) { MARK(a); } }\nnew A(1);\n',
  'an elided import': 'import { T } from "./t.js"; import type { U } from "u"; let a: T; MARK(a);\n',
  'letters of two bytes': 'const größe: string = "ä"; enum É { Ü } MARK(größe);\n',
  'pictures': 'enum E { A = "😀" } const b: "😀😀" = "😀😀"; /* 😀 */ MARK(b);\n',
  'CR LF': 'enum E {\r\n  A,\r\n}\r\nlet a: 1;\r\n  MARK(a);\r\n',
  'line separators': 'enum E { A = "\u2028" } let a = `\u2029`; MARK(a);\n',
  'a first line for the shell': '#!/usr/bin/env node\nenum E { A } MARK();\n',
};

let failed = 0;
for (const [name, text] of Object.entries(cases)) {
  const place = placeOf(text, 'MARK(');
  writeFileSync(join(folder, 'a.mts'), `${text}function MARK(..._: unknown[]): never { throw new Error("here"); }\n`);
  try {
    const done = run(zako, 'transpile', '--map', '-o', 'out', 'a.mts');
    assert.equal(done.code, 0, done.err);
    const javascript = readFileSync(join(folder, 'out/a.mjs'), 'utf8');
    const map = new SourceMap(JSON.parse(readFileSync(join(folder, 'out/a.mjs.map'), 'utf8')));
    const lines = javascript.split(/\r\n|[\n\r\u2028\u2029]/);
    const line = lines.findIndex((x) => x.includes('MARK('));
    const entry = map.findEntry(line, lines[line].indexOf('MARK('));
    assert.deepEqual({ line: entry.originalLine, column: entry.originalColumn }, place, 'node:module');
    const ran = run('node', '--enable-source-maps', 'out/a.mjs');
    const frames = ran.err.split('\n').filter((x) => x.includes('a.mts:'));
    const wanted = `a.mts:${place.line + 1}:${place.column + 1}`;
    assert(frames.some((x) => x.includes(wanted)), `${wanted} is not in\n${ran.err}`);
  } catch (e) {
    failed += 1;
    console.log(`${name}: ${e.message}\n`);
  }
}
rmSync(folder, { recursive: true });
console.log(`${Object.keys(cases).length} cases, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);
