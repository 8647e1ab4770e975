import { ApiError } from '../api/problem';
import { common, type CommonKey } from './common';
import type { Translate } from './core';

/** What to tell a person about an error, in their language. The server's own words only where we have none. */
export function errorText(error: unknown, t: Translate<CommonKey>): string {
  if (!(error instanceof ApiError)) return t('error.unknown');
  const key = `error.${error.code}`;
  if (key in common.es) return t(key as CommonKey, { objects: error.objects.join(', ') });
  if (error.status >= 500) return t('error.unavailable');
  if (error.status === 404) return t('error.not-found');
  return error.message || t('error.unknown');
}

/** The server's words about one field of a request, such as "email". */
export function fieldErrorOf(error: unknown, field: string): string | undefined {
  if (!(error instanceof ApiError)) return undefined;
  return error.fields.find((problem) => problem.field === field || problem.field.endsWith(`.${field}`))?.detail;
}
