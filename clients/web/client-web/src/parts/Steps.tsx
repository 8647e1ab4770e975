import { useI18n } from '@ticketing/ui';
import type { ReactNode } from 'react';
import type { AppKey } from '../texts';

const kSteps = ['steps.seats', 'steps.account', 'steps.payment'] as const;

export function Steps({ current }: { current: number }): ReactNode {
  const { t } = useI18n<AppKey>();
  return (
    <ol className="steps" aria-label={t('steps.label')}>
      {kSteps.map((key, index) => (
        <li key={key} className={index < current ? 'step-done' : ''} aria-current={index === current ? 'step' : undefined}>
          <span aria-hidden="true">{index < current ? '✓' : index + 1}</span>
          {t(key)}
        </li>
      ))}
    </ol>
  );
}
