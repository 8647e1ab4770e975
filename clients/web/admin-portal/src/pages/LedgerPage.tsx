import { Alert, ErrorAlert, Loading, Price, useI18n, useLoad, usePageTitle, TableCard } from '@ticketing/ui';
import { useCallback, type ReactNode } from 'react';
import { api } from '../api';
import type { AppKey } from '../texts';

const kPollMs = 10_000;

export function LedgerPage(): ReactNode {
  const { t } = useI18n<AppKey>();
  const books = useLoad(useCallback((signal: AbortSignal) => api.ledger(signal), []), kPollMs);
  usePageTitle(`${t('ledger.title')} · ${t('brand')}`);
  return (
    <div className="stack">
      <h1>{t('ledger.title')}</h1>
      <ErrorAlert error={books.data ? undefined : books.error} onRetry={books.reload} />
      {books.loading && <Loading />}
      {books.data && (
        <>
          {books.data.balanced
            ? <Alert kind="success">{t('ledger.balanced', { n: Number(books.data.entries) })}</Alert>
            : <Alert kind="error">{t('ledger.unbalanced')}</Alert>}
          <TableCard label={t('ledger.title')}>
            <thead>
              <tr>
                <th scope="col">{t('ledger.account')}</th>
                <th scope="col" className="cell-number">{t('ledger.debits')}</th>
                <th scope="col" className="cell-number">{t('ledger.credits')}</th>
                <th scope="col" className="cell-number">{t('ledger.balance')}</th>
              </tr>
            </thead>
            <tbody>
              {books.data.accounts.map((row) => (
                <tr key={`${row.name} ${row.balance?.currency}`}>
                  <td><code>{row.name}</code></td>
                  <td className="cell-number"><Price money={row.debits} /></td>
                  <td className="cell-number"><Price money={row.credits} /></td>
                  <td className="cell-number"><b><Price money={row.balance} /></b></td>
                </tr>
              ))}
            </tbody>
          </TableCard>
        </>
      )}
    </div>
  );
}
