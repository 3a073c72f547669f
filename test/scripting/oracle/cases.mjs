// Checks the case lists against TypeScript: `node cases.mjs FILE...`. Both sides are printed anew without white space,
// comments and empty statements before they are compared. Ends with 1 when a case is wrong.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(new URL('../../../subprojects/npm/package.json', import.meta.url));
const ts = require('typescript');
const esbuild = require('esbuild');

function normalize(code, loader) {
  const { code: printed } = esbuild.transformSync(code, {
    loader,
    jsx: 'preserve',
    minifyWhitespace: true,
    legalComments: 'none',
    target: 'esnext',
    charset: 'utf8',
    logLevel: 'silent',
  });
  let out = printed.replaceAll('export{};', '').replaceAll(/[;\n]+/g, ';');
  for (let before; before !== out; ) {
    before = out;
    out = out.replaceAll('{;', '{').replaceAll(';}', '}').replaceAll('};', '}').replace(/^;|;$/g, '');
  }
  return out;
}

function compile(source, words) {
  const value = (name) => words.find((w) => w.startsWith(name + '='))?.slice(name.length + 1);
  const { outputText } = ts.transpileModule(source, {
    fileName: words.includes('tsx') ? 'a.tsx' : 'a.ts',
    compilerOptions: {
      target: ts.ScriptTarget.ESNext,
      module: ts.ModuleKind.ESNext,
      isolatedModules: true,
      verbatimModuleSyntax: words.includes('verbatim'),
      useDefineForClassFields: true,
      jsx: words.includes('preserve') ? ts.JsxEmit.Preserve : ts.JsxEmit.ReactJSX,
      jsxImportSource: value('source'),
    },
  });
  return outputText;
}

let wrong = 0;
for (const file of process.argv.slice(2)) {
  let words = [];
  for (const [i, line] of readFileSync(file, 'utf8').split('\n').entries()) {
    if (line.startsWith('@')) words = line.slice(1).trim().split(/\s+/);
    const [source, expected] = line.split(' ⇒ ').map((s) => s.replaceAll('⏎', '\n'));
    if (expected === undefined) continue;
    const loader = words.includes('preserve') ? 'jsx' : 'js';
    let ours, theirs;
    try {
      [ours, theirs] = [expected, compile(source, words)].map((code) => normalize(code, loader));
    } catch (e) {
      [ours, theirs] = [expected, e.message];
    }
    if (ours === theirs) continue;
    ++wrong;
    console.log(`${file}:${i + 1}: ${source}\n  ours   ${ours}\n  theirs ${theirs}`);
  }
}
process.exit(wrong > 0 ? 1 : 0);
