/** Typed calls of the HTTP interface, same origin, with the session cookie. */

import createClient from 'openapi-fetch';
import type { paths } from './schema.gen.ts';
import type { ErrorBody, RefusalCode } from './types.ts';

export const http = createClient<paths>({ baseUrl: '/', credentials: 'same-origin' });

/** Why a request brought no result. `lost`: nothing is known about its outcome. */
export type Failure =
  | { kind: 'lost' }
  | { kind: 'refused'; code: RefusalCode; retryAfterS: number; incident: string | null };

/** A request that ended without the result asked for. */
export class RequestFailed extends Error {
  constructor(readonly failure: Failure) {
    super(failure.kind === 'lost' ? 'lost' : failure.code);
    this.name = 'RequestFailed';
  }
}

interface Answered<T> {
  data?: T;
  error?: ErrorBody | undefined;
  response: Response;
}

/** The body of a good answer; a refusal or a lost connection as `RequestFailed`. */
export async function answered<T>(request: Promise<Answered<T>>): Promise<T> {
  let answer: Answered<T>;
  try {
    answer = await request;
  } catch {
    throw new RequestFailed({ kind: 'lost' });
  }
  if (answer.response.ok) return answer.data as T;
  throw new RequestFailed(failureOf(answer.error, answer.response.status));
}

function failureOf(body: ErrorBody | undefined, status: number): Failure {
  if (body && typeof body === 'object' && typeof body.code === 'string') {
    return {
      kind: 'refused',
      code: body.code,
      retryAfterS: body.retry_after_s ?? 0,
      incident: body.incident ?? null,
    };
  }
  // A proxy answered in the hub's place: no refusal of ours, so nothing was decided.
  if (status === 401)
    return { kind: 'refused', code: 'sign_in_required', retryAfterS: 0, incident: null };
  return { kind: 'lost' };
}

/** The failure behind anything thrown by a request. */
export function failureFrom(error: unknown): Failure {
  return error instanceof RequestFailed ? error.failure : { kind: 'lost' };
}
