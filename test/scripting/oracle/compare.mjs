// Compares the transpiler with TypeScript's own, file by file.
//
//   node compare.mjs PROGRAM [--cache DIR] [--show N] FOLDER|FILE...
//
// PROGRAM is the built transpile_files. TypeScript and esbuild are read from subprojects/npm. Files that TypeScript
// rejects are left out. Both outputs are printed anew without white space and comments before they are compared.
// Ends with 1 when a file differs silently.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const require = createRequire(new URL('../../../subprojects/npm/package.json', import.meta.url));
const ts = require('typescript');
const esbuild = require('esbuild');

const options = { cache: '', show: 5 };
const roots = [];
const args = process.argv.slice(2);
const program = args.shift();
while (args.length > 0) {
  const arg = args.shift();
  if (arg === '--cache') options.cache = args.shift();
  else if (arg === '--show') options.show = Number(args.shift());
  else roots.push(arg);
}

function collect(path, out) {
  if (statSync(path).isDirectory()) {
    for (const entry of readdirSync(path).sort()) collect(join(path, entry), out);
  } else if (/\.[mc]?ts$/.test(path) && !/\.d\.[mc]?ts$/.test(path)) {
    out.push(path);
  }
  return out;
}

function transpile(files) {
  const run = spawnSync(program, { input: files.map((f) => f + '\n').join(''), maxBuffer: 2 ** 30 });
  if (run.status !== 0) throw new Error(`${program} ended with ${run.status ?? run.signal}`);
  process.stderr.write(run.stderr);
  const results = [];
  let at = 0;
  while (at < run.stdout.length) {
    const eol = run.stdout.indexOf(10, at);
    const [status, length] = run.stdout.toString('utf8', at, eol).split(' ');
    at = eol + 1 + Number(length);
    results.push({ ok: status === 'ok', text: run.stdout.toString('utf8', eol + 1, at) });
  }
  return results;
}

const compilerOptions = {
  target: ts.ScriptTarget.ESNext,
  module: ts.ModuleKind.ESNext,
  isolatedModules: true,
  verbatimModuleSyntax: false,
  useDefineForClassFields: true,
  removeComments: true,
};

// Erased statements leave semicolons behind, which are statements of their own; erased casts leave parentheses, which
// esbuild keeps around functions.
function withoutRemnants(code) {
  const file = ts.createSourceFile('x.js', code, ts.ScriptTarget.ESNext, true, ts.ScriptKind.JS);
  const ends = []; // of single characters
  const visit = (node) => {
    const { kind } = node.parent ?? {};
    const inList = kind === ts.SyntaxKind.SourceFile || kind === ts.SyntaxKind.Block ||
      kind === ts.SyntaxKind.CaseClause || kind === ts.SyntaxKind.DefaultClause;
    if (node.kind === ts.SyntaxKind.EmptyStatement && inList) ends.push(node.end);
    if (ts.isParenthesizedExpression(node) && ts.isFunctionExpression(node.expression) &&
        ts.isVariableDeclaration(node.parent)) ends.push(node.getStart() + 1, node.end);
    ts.forEachChild(node, visit);
  };
  visit(file);
  ends.sort((a, b) => a - b);
  let out = '';
  let at = 0;
  for (const end of ends) {
    out += code.slice(at, end - 1);
    at = end;
  }
  return out + code.slice(at);
}

async function normalize(code) {
  const { code: printed } = await esbuild.transform(withoutRemnants(code), {
    loader: 'js',
    minifyWhitespace: true,
    legalComments: 'none',
    target: 'esnext',
    charset: 'utf8',
  });
  return printed.replaceAll('export{};', '').replace(/^[;\n]+|[;\n]+$/g, '');
}

// TypeScript's output, normalised; null when TypeScript rejects the source.
async function expected(file, source) {
  const key = createHash('sha1').update(`${ts.version} ${esbuild.version} 3\n${source}`).digest('hex');
  const stored = options.cache && join(options.cache, key);
  if (stored && existsSync(stored)) return JSON.parse(readFileSync(stored, 'utf8'));
  const { outputText, diagnostics } = ts.transpileModule(source, {
    fileName: file,
    reportDiagnostics: true,
    compilerOptions,
  });
  let answer = null;
  if (diagnostics.length === 0) {
    try {
      answer = await normalize(outputText);
    } catch {
      answer = null; // decorators and the like that esbuild cannot read back
    }
  }
  if (stored) writeFileSync(stored, JSON.stringify(answer));
  return answer;
}

function firstDifference(ours, theirs) {
  let i = 0;
  while (i < ours.length && ours[i] === theirs[i]) ++i;
  const cut = (s) => JSON.stringify(s.slice(Math.max(0, i - 60), i + 60));
  return `  ours   ${cut(ours)}\n  theirs ${cut(theirs)}`;
}

if (options.cache) mkdirSync(options.cache, { recursive: true });
const files = roots.flatMap((root) => collect(root, []));
const results = transpile(files);
const groups = { equal: [], refused: [], different: [], broken: [], rejected: [] };
const reasons = new Map();
for (const [i, file] of files.entries()) {
  const theirs = await expected(file, readFileSync(file, 'utf8'));
  const ours = results[i];
  if (theirs === null) {
    groups.rejected.push({ file });
  } else if (!ours.ok) {
    groups.refused.push({ file, note: ours.text });
    const reason = ours.text.split('\n')[0].replace(/^\S+?:\d+:\d+: /, '').replace(/'.*?'/g, "'…'").replace(/\d+/g, 'N');
    reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  } else {
    let printed;
    try {
      printed = await normalize(ours.text);
    } catch (e) {
      groups.broken.push({ file, note: e.message });
      continue;
    }
    if (printed === theirs) groups.equal.push({ file });
    else groups.different.push({ file, note: firstDifference(printed, theirs) });
  }
}

for (const name of ['different', 'broken', 'refused'])
  for (const { file, note } of groups[name].slice(0, options.show)) console.log(`${name} ${file}\n${note}\n`);
for (const [reason, count] of [...reasons].sort((a, b) => b[1] - a[1])) console.log(`${count} × ${reason}`);
const comparable = files.length - groups.rejected.length;
const percent = (n) => `${n} (${((100 * n) / Math.max(1, comparable)).toFixed(2)} %)`;
console.log(
  `${files.length} files, ${groups.rejected.length} rejected by TypeScript ${ts.version}; of ${comparable}: ` +
    `equal ${percent(groups.equal.length)}, refused ${percent(groups.refused.length)}, ` +
    `silently different ${percent(groups.different.length)}, not JavaScript ${percent(groups.broken.length)}`,
);
process.exit(groups.different.length + groups.broken.length > 0 ? 1 : 0);
