import type { FieldProblem, Problem } from '../gen/messages';

/** What went wrong with a request, as the server (RFC 9457) or the way to it said. */
export class ApiError extends Error {
  readonly status: number;
  /** The slug of the error, such as "seat-not-available"; "network" when there was no answer. */
  readonly code: string;
  readonly fields: FieldProblem[];
  /** The seats or tickets in conflict. */
  readonly objects: string[];
  readonly requestId: string;
  /** From the Retry-After header. */
  readonly retryAfterSeconds: number | undefined;

  constructor(status: number, problem: Partial<Problem>, retryAfterSeconds?: number) {
    super(problem.detail || problem.title || `HTTP ${status}`);
    this.name = 'ApiError';
    this.status = status;
    this.code = problem.code || (status === 0 ? 'network' : `http-${status}`);
    this.fields = problem.errors ?? [];
    this.objects = problem.objects ?? [];
    this.requestId = problem.request_id ?? '';
    this.retryAfterSeconds = retryAfterSeconds;
  }

  /** Whether the request may have had an effect that nobody told us of. */
  get outcomeUnknown(): boolean {
    return this.status === 0 || this.status >= 500 || this.code === 'idempotency-in-flight';
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function listOf<T>(value: unknown): T[] {
  return Array.isArray(value) ? (value as T[]) : [];
}

/** Reads the answer of a refused request. Never throws: a body that is no problem document is an error too. */
export async function errorOf(response: Response): Promise<ApiError> {
  let body: Record<string, unknown> = {};
  try {
    const parsed: unknown = await response.json();
    if (typeof parsed === 'object' && parsed !== null) body = parsed as Record<string, unknown>;
  } catch {
    // A proxy's page or nothing at all: the status has to do.
  }
  const seconds = Number(response.headers.get('Retry-After') ?? Number.NaN);
  return new ApiError(
    response.status,
    {
      code: textOf(body.code),
      title: textOf(body.title),
      detail: textOf(body.detail),
      request_id: textOf(body.request_id),
      errors: listOf<FieldProblem>(body.errors),
      objects: listOf<string>(body.objects),
    },
    Number.isFinite(seconds) ? seconds : undefined,
  );
}
