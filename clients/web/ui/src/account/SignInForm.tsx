import { useState, type FormEvent, type ReactNode } from 'react';
import type { EventsApi } from '../api/customer';
import { ApiError } from '../api/problem';
import { Alert, Button, ErrorAlert, Field } from '../components/basics';
import { useAction } from '../hooks/useAction';
import { useI18n } from '../i18n/core';
import { fieldErrorOf } from '../i18n/errors';

interface SignInFormProps {
  api: EventsApi;
  /** What to tell an account that is right but may not come in by this door. */
  refusal?: string;
  onDone?: () => void;
}

export function SignInForm({ api, onDone, refusal }: SignInFormProps): ReactNode {
  const { t } = useI18n();
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const signIn = useAction(async () => {
    await api.signIn({ email: email.trim(), password });
    onDone?.();
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void signIn.run();
  };
  return (
    <form className="stack" onSubmit={submit}>
      <Field label={t('field.email')} type="email" name="email" autoComplete="username" required value={email}
        error={fieldErrorOf(signIn.error, 'email')} onChange={(event) => setEmail(event.target.value)} />
      <Field label={t('field.password')} type="password" name="password" autoComplete="current-password" required value={password}
        error={fieldErrorOf(signIn.error, 'password')} onChange={(event) => setPassword(event.target.value)} />
      {refusal && signIn.error instanceof ApiError && signIn.error.status === 403
        ? <Alert kind="error">{refusal}</Alert>
        : <ErrorAlert error={signIn.error} />}
      <Button type="submit" kind="primary" wide busy={signIn.busy}>{t('app.signIn')}</Button>
    </form>
  );
}
