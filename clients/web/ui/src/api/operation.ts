import { ApiError } from './problem';

/**
 * One thing a person wants done once, such as paying an order. Its Idempotency-Key stays the same until the server has
 * said how it ended: pressing the button again after a lost answer asks about the same payment instead of making another.
 * Another body is another wish and gets a key of its own.
 */
export class Operation<Body, Result> {
  private readonly call: (body: Body, key: string) => Promise<Result>;
  private readonly newKey: () => string;
  private pending: { key: string; body: string } | undefined;

  constructor(call: (body: Body, key: string) => Promise<Result>, newKey: () => string = randomKey) {
    this.call = call;
    this.newKey = newKey;
  }

  async run(body: Body): Promise<Result> {
    const text = JSON.stringify(body);
    if (this.pending?.body !== text) this.pending = { key: this.newKey(), body: text };
    try {
      const result = await this.call(body, this.pending.key);
      this.pending = undefined;
      return result;
    } catch (error) {
      if (!(error instanceof ApiError) || !error.outcomeUnknown) this.pending = undefined;
      throw error;
    }
  }
}

/** 128 random bits. crypto.randomUUID is missing where the page came over plain HTTP from another host. */
export function randomKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
