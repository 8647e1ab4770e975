import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { texts as admin } from '../../admin-portal/src/texts';
import { texts as mobile } from '../../client-mobile/src/texts';
import { texts as web } from '../../client-web/src/texts';
import { ApiError } from '../src/api/problem';
import { common } from '../src/i18n/common';
import { translate } from '../src/i18n/core';
import { errorText, fieldErrorOf } from '../src/i18n/errors';

const kRoot = join(import.meta.dirname, '../..');

function sourcesOf(folder: string): string {
  return readdirSync(join(kRoot, folder, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.tsx?$/.test(file) && !/(texts|common)\.ts$/.test(file))
    .map((file) => readFileSync(join(kRoot, folder, 'src', file), 'utf8'))
    .join('\n');
}

const kAll = { ui: common, 'client-web': web, 'client-mobile': mobile, 'admin-portal': admin };
const everySource = Object.keys(kAll).map(sourcesOf).join('\n');

describe.each(Object.entries(kAll))('texts of %s', (folder, texts) => {
  const es: Record<string, string> = texts.es;
  const en: Record<string, string> = texts.en;

  it('are there in both languages, none empty', () => {
    expect(Object.keys(en).sort()).toEqual(Object.keys(es).sort());
    for (const [key, text] of [...Object.entries(es), ...Object.entries(en)]) expect(text.trim(), key).not.toBe('');
  });

  it('have the same blanks to fill in both languages', () => {
    const blanks = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort();
    for (const key of Object.keys(es)) expect(blanks(en[key]!), key).toEqual(blanks(es[key]!));
  });

  it('are all used', () => {
    const sources = folder === 'ui' ? everySource : sourcesOf(folder);
    const unused = Object.keys(es).filter((key) => {
      const stem = key.replace(/\.one$/, '');
      const family = stem.slice(0, stem.lastIndexOf('.') + 1);
      return !sources.includes(`'${stem}'`) && !sources.includes('`' + family + '${');
    });
    expect(unused).toEqual([]);
  });

  it('do not leave a language out of step: nothing long reads the same in both', () => {
    const same = Object.keys(es).filter((key) => es[key] === en[key] && es[key]!.split(' ').length > 2);
    expect(same).toEqual([]);
  });
});

describe('translate', () => {
  const dictionary = { 'seat': '{n} lugares', 'seat.one': '{n} lugar', 'hello': 'Hola {name}' };

  it('fills blanks and picks the number', () => {
    expect(translate(dictionary, 'es', 'hello', { name: 'Ana' })).toBe('Hola Ana');
    expect(translate(dictionary, 'es', 'seat', { n: 1 })).toBe('1 lugar');
    expect(translate(dictionary, 'es', 'seat', { n: 12345 })).toBe('12,345 lugares');
  });

  it('shows what is missing instead of hiding it', () => {
    expect(translate(dictionary, 'es', 'nope')).toBe('nope');
    expect(translate(dictionary, 'es', 'hello', {})).toBe('Hola {name}');
  });
});

describe('errors', () => {
  const t = (key: string, params?: Record<string, string | number>) => translate(common.es, 'es', key, params);

  it('are told in the language of the reader', () => {
    expect(errorText(new ApiError(409, { code: 'seat-not-available', objects: ['N-A-1', 'N-A-2'] }), t)).toContain('N-A-1, N-A-2');
    expect(errorText(new ApiError(0, {}), t)).toBe(common.es['error.network']);
    expect(errorText(new ApiError(500, { code: 'internal', detail: 'secret' }), t)).toBe(common.es['error.unavailable']);
    expect(errorText(new Error('x'), t)).toBe(common.es['error.unknown']);
  });

  it('find the field they are about', () => {
    const error = new ApiError(422, { code: 'invalid-field', errors: [{ field: 'buyer.email', detail: 'not an address' }] });
    expect(fieldErrorOf(error, 'email')).toBe('not an address');
    expect(fieldErrorOf(error, 'name')).toBeUndefined();
  });
});
