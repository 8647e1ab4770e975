import { useEffect, useId, useRef, type ButtonHTMLAttributes, type InputHTMLAttributes, type ReactNode } from 'react';
import { useLatest } from '../hooks/useLatest';
import { useI18n } from '../i18n/core';
import { errorText } from '../i18n/errors';
import { ApiError } from '../api/problem';

type ButtonKind = 'primary' | 'secondary' | 'quiet' | 'danger';

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  kind?: ButtonKind;
  busy?: boolean;
  wide?: boolean;
}

export function Button({ kind = 'secondary', busy = false, wide = false, children, disabled, ...rest }: ButtonProps): ReactNode {
  const className = `button button-${kind}${wide ? ' button-wide' : ''}${rest.className ? ` ${rest.className}` : ''}`;
  return (
    <button type="button" {...rest} className={className} disabled={disabled || busy} aria-busy={busy || undefined}>
      {busy && <span className="spinner" aria-hidden="true" />}
      <span>{children}</span>
    </button>
  );
}

interface FieldProps extends InputHTMLAttributes<HTMLInputElement> {
  label: string;
  hint?: string;
  error?: string | undefined;
}

export function Field({ label, hint, error, id, ...rest }: FieldProps): ReactNode {
  const { t } = useI18n();
  const ownId = useId();
  const inputId = id ?? ownId;
  const describedBy = [hint ? `${inputId}-hint` : '', error ? `${inputId}-error` : ''].filter(Boolean).join(' ');
  return (
    <div className="field">
      <label htmlFor={inputId}>
        {label}
        {rest.required === false && <span className="field-optional"> ({t('field.optional')})</span>}
      </label>
      <input {...rest} id={inputId} aria-invalid={error ? true : undefined} aria-describedby={describedBy || undefined} />
      {hint && <p className="field-hint" id={`${inputId}-hint`}>{hint}</p>}
      {error && <p className="field-error" id={`${inputId}-error`}>{error}</p>}
    </div>
  );
}

interface SelectProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  options: { value: string; label: string; disabled?: boolean }[];
  id?: string;
}

export function Select({ label, value, onChange, options, id }: SelectProps): ReactNode {
  const ownId = useId();
  return (
    <div className="field">
      <label htmlFor={id ?? ownId}>{label}</label>
      <select id={id ?? ownId} value={value} onChange={(event) => onChange(event.target.value)}>
        {options.map((option) => (
          <option key={option.value} value={option.value} disabled={option.disabled}>{option.label}</option>
        ))}
      </select>
    </div>
  );
}

interface StepperProps {
  label: string;
  value: number;
  min?: number;
  max: number;
  onChange: (value: number) => void;
  compact?: boolean;
}

export function Stepper({ label, value, min = 1, max, onChange, compact = false }: StepperProps): ReactNode {
  const { t } = useI18n();
  const id = useId();
  const set = (next: number) => onChange(Math.min(Math.max(next, min), max));
  return (
    <div className="field" role="group" aria-labelledby={id}>
      <span className={compact ? 'visually-hidden' : 'field-label'} id={id}>{label}</span>
      <div className="stepper">
        <button type="button" aria-label={`${label}: ${t('best.less')}`} disabled={value <= min} onClick={() => set(value - 1)}>−</button>
        <output aria-live="polite">{value}</output>
        <button type="button" aria-label={`${label}: ${t('best.more')}`} disabled={value >= max} onClick={() => set(value + 1)}>+</button>
      </div>
    </div>
  );
}

type AlertKind = 'info' | 'success' | 'warning' | 'error';
const kAlertIcons: Record<AlertKind, string> = { info: 'i', success: '✓', warning: '!', error: '!' };

export function Alert({ kind, title, children }: { kind: AlertKind; title?: string; children?: ReactNode }): ReactNode {
  return (
    <div className={`alert alert-${kind}`} role={kind === 'error' || kind === 'warning' ? 'alert' : 'status'}>
      <span className="alert-icon" aria-hidden="true">{kAlertIcons[kind]}</span>
      <div>
        {title && <strong>{title}</strong>}
        {children && <div>{children}</div>}
      </div>
    </div>
  );
}

/** An error as a person should read it; nothing when there is none. */
export function ErrorAlert({ error, onRetry }: { error: unknown; onRetry?: () => void }): ReactNode {
  const { t } = useI18n();
  if (error === undefined || error === null) return null;
  const requestId = error instanceof ApiError && error.status >= 500 ? error.requestId : '';
  return (
    <Alert kind="error">
      <p>{errorText(error, t)}</p>
      {requestId && <p className="muted small">{t('error.request', { id: requestId })}</p>}
      {onRetry && <Button kind="secondary" onClick={onRetry}>{t('app.retry')}</Button>}
    </Alert>
  );
}

export function Loading({ label }: { label?: string }): ReactNode {
  const { t } = useI18n();
  return (
    <div className="loading" role="status">
      <span className="spinner spinner-large" aria-hidden="true" />
      <span>{label ?? t('app.loading')}</span>
    </div>
  );
}

/** A card for a table. On a narrow screen it scrolls sideways, with the arrow keys too. */
export function TableCard({ label, children }: { label: string; children: ReactNode }): ReactNode {
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable by keyboard
    <section className="card table-scroll" aria-label={label} tabIndex={0}>
      <table className="table">{children}</table>
    </section>
  );
}

export function Badge({ kind = 'neutral', children }: { kind?: 'neutral' | 'good' | 'bad' | 'warn' | 'accent'; children: ReactNode }): ReactNode {
  return <span className={`badge badge-${kind}`}>{children}</span>;
}

interface DialogProps {
  open: boolean;
  title: string;
  onClose: () => void;
  children: ReactNode;
  className?: string;
}

/** The browser's own modal dialog: it keeps the focus inside and gives it back. */
export function Dialog({ open, title, onClose, children, className = '' }: DialogProps): ReactNode {
  const { t } = useI18n();
  const ref = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  // The browser tells of every closing; only those that the person did are news.
  const isOpen = useLatest(open);
  const closed = () => {
    if (isOpen.current) onClose();
  };
  useEffect(() => {
    const dialog = ref.current;
    if (!dialog) return;
    if (open && !dialog.open) dialog.showModal();
    if (!open && dialog.open) dialog.close();
  }, [open]);
  return (
    <dialog ref={ref} className={`dialog ${className}`} aria-labelledby={titleId} onClose={closed}>
      {open && (
        <>
          <header className="dialog-header">
            <h2 id={titleId}>{title}</h2>
            <button type="button" className="icon-button" aria-label={t('app.close')} onClick={() => ref.current?.close()}>✕</button>
          </header>
          <div className="dialog-body">{children}</div>
        </>
      )}
    </dialog>
  );
}
