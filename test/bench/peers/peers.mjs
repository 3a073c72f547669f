// Other transpilers, for `zako-bench transpile`. Each line of standard input names a peer and a file that lists sources,
// one path a line; the peer transpiles them all once, one after the other, and the answer is a line
// "SECONDS BYTES FAILED": files that a peer rejects do not count. The process stays, so code is compiled and warm.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

const require = createRequire(import.meta.url);
const oxc = require('oxc-transform');
const swc = require('@swc/core');
const esbuild = require('esbuild');
const sucrase = require('sucrase');
const ts = require('typescript');
const { default: blankSpace } = await import('ts-blank-space');

const peers = {
  oxc: (path, text) => {
    const { code, errors } = oxc.transformSync(path, text, { lang: 'ts', sourcemap: false });
    return errors.length === 0 && code;
  },
  swc: (path, text) =>
    swc.transformSync(text, {
      filename: path,
      configFile: false,
      swcrc: false,
      jsc: { parser: { syntax: 'typescript', decorators: true }, target: 'esnext' },
    }).code,
  esbuild: async (path, text) =>
    (await esbuild.transform(text, { loader: 'ts', target: 'esnext', tsconfigRaw: '{}', logLevel: 'silent' })).code,
  sucrase: (path, text) =>
    sucrase.transform(text, {
      transforms: ['typescript'],
      filePath: path,
      disableESTransforms: true,
      keepUnusedImports: false,
    }).code,
  'ts-blank-space': (path, text) => blankSpace(text, () => {}),
  typescript: (path, text) =>
    ts.transpileModule(text, {
      fileName: path,
      compilerOptions: {
        target: ts.ScriptTarget.ESNext,
        module: ts.ModuleKind.ESNext,
        isolatedModules: true,
        useDefineForClassFields: true,
      },
    }).outputText,
};

const lists = new Map();
function sources(list) {
  if (!lists.has(list)) {
    const paths = readFileSync(list, 'utf8').split('\n').filter(Boolean);
    lists.set(list, paths.map((path) => ({ path, text: readFileSync(path, 'utf8'), bytes: readFileSync(path).length })));
  }
  return lists.get(list);
}

async function pass(transpile, files) {
  let bytes = 0;
  let failed = 0;
  let spent = 0n;
  for (const file of files) {
    const begin = process.hrtime.bigint();
    let good = false;
    try {
      const code = transpile(file.path, file.text);
      good = typeof (code instanceof Promise ? await code : code) === 'string';
    } catch {
      good = false;
    }
    if (good) {
      spent += process.hrtime.bigint() - begin;
      bytes += file.bytes;
    } else {
      failed += 1;
    }
  }
  return `${Number(spent) / 1e9} ${bytes} ${failed}`;
}

for await (const line of createInterface({ input: process.stdin })) {
  const [name, list] = line.split('\t');
  console.log(await pass(peers[name], sources(list)));
}
process.exit(0);
