// Leaves only the packages that package.json names in package-lock.json: their sources are read and never run, so what
// they depend on (800 packages) need not be fetched. Run after each change of a version:
//
//   npm install --package-lock-only && node prune-lock.mjs
import { readFileSync, writeFileSync } from 'node:fs';

const file = new URL('package-lock.json', import.meta.url);
const lock = JSON.parse(readFileSync(file, 'utf8'));
const root = lock.packages[''];
const packages = { '': root };
for (const name of Object.keys(root.devDependencies)) {
  const { version, integrity, license, dev } = lock.packages[`node_modules/${name}`];
  packages[`node_modules/${name}`] = { version, integrity, license, dev };
}
writeFileSync(file, JSON.stringify({ ...lock, packages }, null, 2) + '\n');
