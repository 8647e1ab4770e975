import { useEffect, useRef, type ReactNode } from 'react';
import { formatRemaining } from '../format/time';
import { useNow } from '../hooks/useNow';
import { useI18n } from '../i18n/core';

interface CountdownProps {
  expiresAt: string;
  /** How long the whole took, for the bar. */
  wholeMs?: number;
  serverNow: () => number;
  onExpired: () => void;
}

/** Seconds for the eyes, whole minutes for the ears: a screen reader is not told every second. */
export function Countdown({ expiresAt, wholeMs = 15 * 60_000, serverNow, onExpired }: CountdownProps): ReactNode {
  const { t } = useI18n();
  useNow(500);
  const left = Math.max(Date.parse(expiresAt) - serverNow(), 0);
  const minutes = Math.ceil(left / 60_000);
  const spoken = minutes <= 2 ? minutes : Math.ceil(minutes / 5) * 5;
  const told = useRef(false);
  useEffect(() => {
    if (left > 0 || told.current) return;
    told.current = true;
    onExpired();
  }, [left, onExpired]);
  const isShort = left < 2 * 60_000;
  return (
    <div className={`countdown${isShort ? ' countdown-short' : ''}`}>
      <span>{left > 0 ? t('hold.expires') : t('hold.expired')}</span>
      <strong role="timer" data-testid="countdown">{formatRemaining(left)}</strong>
      <progress max={wholeMs} value={Math.min(left, wholeMs)} aria-hidden="true" />
      <span className="visually-hidden" aria-live="polite">
        {left > 0 ? t('hold.left', { n: spoken }) : t('hold.expired')}
      </span>
    </div>
  );
}
