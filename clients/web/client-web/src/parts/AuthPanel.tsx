import { Button, ErrorAlert, Field, fieldErrorOf, SignInForm, useAction, useI18n } from '@ticketing/ui';
import { useState, type FormEvent, type ReactNode } from 'react';
import { api } from '../api';
import type { AppKey } from '../texts';

/** Log in, or a new account in four fields. */
export function AuthPanel({ onDone, start = 'register' }: { onDone?: () => void; start?: 'register' | 'signIn' }): ReactNode {
  const { t } = useI18n<AppKey>();
  const [which, setWhich] = useState(start);
  return (
    <div className="stack">
      <div className="segmented auth-which" role="group" aria-label={t('account.which')}>
        <button type="button" aria-pressed={which === 'register'} onClick={() => setWhich('register')}>{t('account.new')}</button>
        <button type="button" aria-pressed={which === 'signIn'} onClick={() => setWhich('signIn')}>{t('account.haveOne')}</button>
      </div>
      {which === 'register' ? <RegisterForm onDone={onDone} /> : <SignInForm api={api} onDone={onDone} />}
    </div>
  );
}

function RegisterForm({ onDone }: { onDone?: (() => void) | undefined }): ReactNode {
  const { t, language } = useI18n<AppKey>();
  const [form, setForm] = useState({ name: '', email: '', phone: '', password: '' });
  const register = useAction(async () => {
    await api.register({ ...form, email: form.email.trim(), language });
    onDone?.();
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void register.run();
  };
  const input = (field: keyof typeof form) => ({
    name: field,
    value: form[field],
    error: fieldErrorOf(register.error, field),
    onChange: (event: React.ChangeEvent<HTMLInputElement>) => setForm((before) => ({ ...before, [field]: event.target.value })),
  });
  return (
    <form className="stack" onSubmit={submit}>
      <Field label={t('field.name')} autoComplete="name" required {...input('name')} />
      <Field label={t('field.email')} type="email" autoComplete="email" required {...input('email')} />
      <Field label={t('field.phone')} type="tel" autoComplete="tel" required={false} {...input('phone')} />
      <Field label={t('field.password')} type="password" autoComplete="new-password" required minLength={10}
        hint={t('account.passwordHint')} {...input('password')} />
      <ErrorAlert error={register.error} />
      <Button type="submit" kind="primary" wide busy={register.busy}>{t('account.register')}</Button>
    </form>
  );
}
