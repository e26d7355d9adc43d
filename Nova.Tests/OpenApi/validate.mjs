// Validates OpenAPI documents, and compiles each of their patterns in the dialect of the standard (ECMA 262).
// Arguments: the folder with node_modules, then files. One line per problem; exit code 1 when there is any.
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const [folder, ...files] = process.argv.slice(2);
const require = createRequire(pathToFileURL(folder + '/'));
const { Validator } = await import(pathToFileURL(require.resolve('@seriousme/openapi-schema-validator')).href);
const problems = [];

function patterns(node, at) {
  if (node === null || typeof node !== 'object') return;
  for (const [key, value] of Object.entries(node)) {
    if (key === 'pattern' && typeof value === 'string') compile(value, at);
    if (key === 'patternProperties') Object.keys(value).forEach(expression => compile(expression, at));
    patterns(value, `${at}/${key}`);
  }
}

function compile(expression, at) {
  try { new RegExp(expression, 'u'); } catch (e) { problems.push(`${at}: ${e.message}`); }
}

function references(node, root, at) {
  if (node === null || typeof node !== 'object') return;
  if (typeof node.$ref === 'string' && node.$ref.slice(2).split('/').reduce((to, part) => to?.[part], root) === undefined) problems.push(`${at}: ${node.$ref} leads nowhere`);
  Object.entries(node).forEach(([key, value]) => references(value, root, `${at}/${key}`));
}

for (const file of files) {
  const document = JSON.parse(readFileSync(file, 'utf8'));
  const result = await new Validator().validate(structuredClone(document));
  if (!result.valid) problems.push(`${file}: ${JSON.stringify(result.errors).slice(0, 2000)}`);
  patterns(document, file);
  references(document, document, file);
}

[...new Set(problems)].slice(0, 50).forEach(problem => console.log(problem));
process.exit(problems.length > 0 ? 1 : 0);
