import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const kRoot = join(import.meta.dirname, '../..');
const kPackages = ['ui', 'client-web', 'client-mobile', 'admin-portal'];

const files = kPackages.flatMap((folder) =>
  readdirSync(join(kRoot, folder, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.tsx?$/.test(file) && !file.startsWith('gen'))
    .map((file) => ({ name: `${folder}/src/${file}`, text: readFileSync(join(kRoot, folder, 'src', file), 'utf8') })));

function offenders(pattern: RegExp): string[] {
  return files.filter((file) => pattern.test(file.text)).map((file) => file.name);
}

describe('the house', () => {
  it('keeps files short: 500 lines of .ts, 400 of .tsx', () => {
    const long = files.filter((file) => file.text.split('\n').length > (file.name.endsWith('x') ? 400 : 500)).map((file) => file.name);
    expect(long).toEqual([]);
  });

  it('has no way round the type checker or the content security policy', () => {
    expect(offenders(/:\s*any\b|\bas any\b|<any>|@ts-ignore|@ts-expect-error/)).toEqual([]);
    expect(offenders(/innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function\(/)).toEqual([]);
  });

  it('keeps refresh tokens out of localStorage, except in the app on the customer\'s own phone', () => {
    const kept = offenders(/new SessionStore\(localStorage/);
    expect(kept).toEqual(['client-mobile/src/api.ts']);
  });
});
