// Writes ui/src/gen/messages.ts from the .proto files of the platform, so that the clients and the servers cannot
// disagree on a name or a type. JSON as in include/ticketing/wire/json.h: 64-bit integers, bytes and times are strings.
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const protoFolder = join(here, '../../../lib/wire/proto/ticketing/v1');
const target = join(here, '../ui/src/gen/messages.ts');

const scalars = {
  string: 'string', bytes: 'string', bool: 'boolean', int32: 'number', uint32: 'number', int64: 'string', uint64: 'string',
  'google.protobuf.Timestamp': 'string',
};

// "rule" options may hold braces, semicolons and // inside quotes: quotes are blanked before anything is split.
function withoutNoise(text) {
  return text
    .replace(/"(?:[^"\\]|\\.)*"/g, '""')
    .replace(/\/\/[^\n]*/g, '')
    .replace(/\/\*[\s\S]*?\*\//g, '');
}

function fieldOf(text) {
  const match = /^\s*(repeated\s+|optional\s+)?([\w.]+)\s+(\w+)\s*=\s*\d+\s*(\[[\s\S]*\])?\s*$/.exec(text);
  if (!match) throw new Error(`cannot read the field: ${text.trim()}`);
  const [, label = '', type, name, options = ''] = match;
  return { name, type, repeated: label.trim() === 'repeated', required: /required:\s*true/.test(options) };
}

function messagesOf(text) {
  const found = [];
  for (const match of withoutNoise(text).matchAll(/^message (\w+) \{(?:\}|([\s\S]*?)^\})/gm)) {
    const body = (match[2] ?? '').replace(/oneof \w+ \{([\s\S]*?)\n\s*\}/g, '$1');
    const fields = body.split(';').filter((line) => line.trim() !== '').map(fieldOf);
    found.push({ name: match[1], fields });
  }
  return found;
}

// A request may leave out what is not required. An answer has every field, but messages and times only when set.
function lineOf(field, isRequest) {
  const scalar = scalars[field.type];
  const base = scalar ?? field.type.split('.').pop();
  const type = field.repeated ? `${base}[]` : base;
  const isMessage = scalar === undefined || field.type === 'google.protobuf.Timestamp';
  const optional = isRequest ? !field.required : isMessage && !field.repeated;
  return `  ${field.name}${optional ? '?' : ''}: ${type};`;
}

function interfaceOf(message) {
  const isRequest = message.name.endsWith('Request') || message.name.endsWith('Method');
  const lines = message.fields.map((field) => lineOf(field, isRequest));
  if (lines.length === 0) return `export type ${message.name} = Record<string, never>;\n`;
  return `export interface ${message.name} {\n${lines.join('\n')}\n}\n`;
}

const files = ['common.proto', 'identity.proto', 'payments.proto', 'ticketing.proto'];
const present = new Set(readdirSync(protoFolder));
const messages = files.flatMap((file) => {
  if (!present.has(file)) throw new Error(`${join(protoFolder, file)} is missing`);
  return messagesOf(readFileSync(join(protoFolder, file), 'utf8'));
});
mkdirSync(dirname(target), { recursive: true });
writeFileSync(target, `// Written by scripts/messages.mjs from the .proto files. Not kept in git.\n\n${messages.map(interfaceOf).join('\n')}`);
