// Compares the transpiler with TypeScript's own, file by file, in every mode that both know.
//
//   node compare.mjs PROGRAM [--cache DIR] [--show N] [--list GROUP] [FOLDER|FILE...]
//
// PROGRAM is the built transpile-files. Without a folder: the corpus (see ../corpus/README.md). --show prints so many
// examples of each group, --list the names of all files in one. Ends with 1 when a file differs silently or comes out as
// something that is no JavaScript.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { expected, keepAnswersIn, normalize, ts } from './oracle.mjs';

const options = { show: 5, list: '' };
const roots = [];
const args = process.argv.slice(2);
const program = args.shift();
while (args.length > 0) {
  const arg = args.shift();
  if (arg === '--cache') keepAnswersIn(args.shift());
  else if (arg === '--show') options.show = Number(args.shift());
  else if (arg === '--list') options.list = args.shift();
  else roots.push(arg);
}
if (roots.length === 0) roots.push(fileURLToPath(new URL('../corpus/node_modules', import.meta.url)));
for (const root of roots)
  if (!existsSync(root)) {
    console.error(`error: there is no ${root}\n  help: npm ci --prefix test/scripting/corpus`);
    process.exit(2);
  }

const modes = [
  {
    name: 'imports elided, JSX kept',
    arguments: ['--jsx-preserve'],
    compilerOptions: { verbatimModuleSyntax: false, jsx: ts.JsxEmit.Preserve },
  },
  {
    name: 'verbatimModuleSyntax',
    arguments: ['--jsx-preserve', '--verbatim-module-syntax'],
    compilerOptions: { verbatimModuleSyntax: true, jsx: ts.JsxEmit.Preserve },
  },
  {
    name: 'automatic JSX runtime',
    arguments: [],
    compilerOptions: { verbatimModuleSyntax: false, jsx: ts.JsxEmit.ReactJSX },
    takes: (file) => file.endsWith('.tsx'),
  },
];

function collect(path, out) {
  if (statSync(path).isDirectory()) {
    for (const entry of readdirSync(path).sort()) collect(join(path, entry), out);
  } else if (/\.(tsx|[mc]?ts)$/.test(path) && !/\.d\.[mc]?ts$/.test(path)) {
    out.push(path);
  }
  return out;
}

function transpile(files, flags) {
  const run = spawnSync(program, flags, { input: files.map((f) => f + '\n').join(''), maxBuffer: 2 ** 30 });
  const results = [];
  for (let at = 0; at < run.stdout.length; ) {
    const eol = run.stdout.indexOf(10, at);
    const [status, length] = run.stdout.toString('utf8', at, eol).split(' ');
    at = eol + 1 + Number(length);
    results.push({ ok: status === 'ok', text: run.stdout.toString('utf8', eol + 1, at) });
  }
  if (run.status !== 0) throw new Error(`${program} ended with ${run.status ?? run.signal} soon after ${files[results.length]}`);
  process.stderr.write(run.stderr);
  return results;
}

function firstDifference(ours, theirs) {
  let i = 0;
  while (i < ours.length && ours[i] === theirs[i]) ++i;
  const cut = (s) => JSON.stringify(s.slice(Math.max(0, i - 60), i + 60));
  return `  ours   ${cut(ours)}\n  theirs ${cut(theirs)}`;
}

// The group that a file belongs to, and what there is to say.
async function judge(file, ours, compilerOptions) {
  const theirs = await expected(file, readFileSync(file, 'utf8'), compilerOptions);
  if (theirs.rejected) return ours.ok ? ['wrongly accepted', theirs.rejected[0]] : ['rejected by both', ours.text];
  if (!ours.ok) return ['refused', ours.text];
  const { printed, unreadable } = await normalize(ours.text);
  if (unreadable && theirs.unreadable) return ['not comparable', theirs.unreadable];
  if (unreadable) return ['unparsable', unreadable];
  if (theirs.unreadable) return ['different', theirs.unreadable];
  return printed === theirs.printed ? ['equal', ''] : ['different', firstDifference(printed, theirs.printed)];
}

const inOneLine = (text) => text.split('\n')[0].replace(/^\S+?:\d+:\d+: /, '').replace(/'.*?'/g, "'…'").replace(/\d+/g, 'N');
const total = {};
const files = roots.flatMap((root) => collect(root, []));
for (const mode of modes) {
  const chosen = mode.takes ? files.filter(mode.takes) : files;
  if (chosen.length === 0) continue;
  const results = transpile(chosen, mode.arguments);
  const groups = {};
  const reasons = new Map();
  const step = 16; // esbuild works beside us
  for (let i = 0; i < chosen.length; i += step) {
    const part = chosen.slice(i, i + step);
    const verdicts = await Promise.all(part.map((file, j) => judge(file, results[i + j], mode.compilerOptions)));
    for (const [j, [group, note]] of verdicts.entries()) {
      (groups[group] ??= []).push({ file: part[j], note });
      if (group === 'refused') reasons.set(inOneLine(note), (reasons.get(inOneLine(note)) ?? 0) + 1);
    }
  }
  console.log(`${mode.name}: ${chosen.length} files`);
  for (const [name, members] of Object.entries(groups).sort()) {
    total[name] = (total[name] ?? 0) + members.length;
    console.log(`  ${String(members.length).padStart(6)} ${name}`);
    if (name === options.list) for (const { file } of members) console.log(`         ${file}`);
    if (name !== 'equal' && name !== 'rejected by both')
      for (const { file, note } of members.slice(0, options.show)) console.log(`\n${name}: ${file}\n${note.split('\n').slice(0, 12).join('\n')}\n`);
  }
  for (const [reason, count] of [...reasons].sort((a, b) => b[1] - a[1])) console.log(`  ${count} × ${reason}`);
}

const number = (name) => total[name] ?? 0;
const accepted = ['equal', 'refused', 'different', 'unparsable', 'not comparable'].reduce((n, x) => n + number(x), 0);
const percent = (n) => ((100 * n) / Math.max(1, accepted)).toFixed(3);
console.log(`against TypeScript ${ts.version}, in ${accepted} comparisons with what it accepts:`);
console.log(`transpile.files=${files.length} files`);
console.log(`transpile.equal_percent=${percent(number('equal'))} %`);
console.log(`transpile.silently_different=${number('different')} files`);
console.log(`transpile.refused_percent=${percent(number('refused'))} %`);
console.log(`transpile.unparsable=${number('unparsable')} files`);
console.log(`transpile.not_comparable=${number('not comparable')} files`);
console.log(`transpile.wrongly_accepted=${number('wrongly accepted')} files`);
process.exit(number('different') + number('unparsable') > 0 ? 1 : 0);
