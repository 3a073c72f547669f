// What TypeScript makes of a file, and texts of JavaScript in a form in which they can be compared. Answers are kept in a
// folder, because TypeScript takes a second for each megabyte.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { extname, join } from 'node:path';

const require = createRequire(new URL('../../../subprojects/npm/package.json', import.meta.url));
export const ts = require('typescript');
const esbuild = require('esbuild');

const version = `${ts.version} ${esbuild.version} 7`; // the last number: of this file's own doings
let folder = '';

/// Keeps answers in `path`.
export function keepAnswersIn(path) {
  mkdirSync(path, { recursive: true });
  folder = path;
}

async function kept(parts, compute) {
  if (!folder) return compute();
  const file = join(folder, createHash('sha1').update(JSON.stringify([version, ...parts])).digest('hex'));
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    const answer = await compute();
    writeFileSync(file, JSON.stringify(answer));
    return answer;
  }
}

// Erased statements leave semicolons behind, which are statements of their own; erased casts leave parentheses, which
// esbuild keeps around functions.
function withoutRemnants(code) {
  const file = ts.createSourceFile('x.jsx', code, ts.ScriptTarget.ESNext, true, ts.ScriptKind.JSX);
  const ends = []; // of single characters
  const visit = (node) => {
    const { kind } = node.parent ?? {};
    const inList = kind === ts.SyntaxKind.SourceFile || kind === ts.SyntaxKind.Block ||
      kind === ts.SyntaxKind.ModuleBlock || kind === ts.SyntaxKind.CaseClause || kind === ts.SyntaxKind.DefaultClause;
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

/// JavaScript printed anew without white space and comments: { printed }, or { unreadable: why }.
export function normalize(code) {
  return kept(['normalize', code], async () => {
    try {
      const { code: printed } = await esbuild.transform(withoutRemnants(code), {
        loader: 'jsx',
        jsx: 'preserve',
        minifyWhitespace: true,
        legalComments: 'none',
        target: 'esnext',
        charset: 'utf8',
        logLevel: 'silent',
      });
      const bare = printed.replaceAll(/\/\* @__[A-Z_]+__ \*\/ ?/g, '').replaceAll('export{};', '');
      return { printed: bare.replace(/^[;\n]+|[;\n]+$/g, '') };
    } catch (e) {
      return { unreadable: e.message };
    }
  });
}

/// TypeScript's output for one isolated module, normalised; or { rejected: [message] }.
export function expected(path, source, compilerOptions) {
  return kept(['expected', extname(path), source, compilerOptions], async () => {
    const { outputText, diagnostics } = ts.transpileModule(source, {
      fileName: path,
      reportDiagnostics: true,
      compilerOptions: {
        target: ts.ScriptTarget.ESNext,
        module: ts.ModuleKind.ESNext,
        isolatedModules: true,
        useDefineForClassFields: true,
        ...compilerOptions,
      },
    });
    if (diagnostics.length > 0)
      return { rejected: diagnostics.map((d) => ts.flattenDiagnosticMessageText(d.messageText, ' ')) };
    return normalize(outputText);
  });
}
