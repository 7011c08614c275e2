/** The calls of the hub about an invitation. */

import { answered, failureFrom, http } from '../../wire/http.ts';
import type { InvitationCard, JoinCase, UseInvitation } from '../../wire/types.ts';

export function readCard(code: string): Promise<InvitationCard> {
  return answered(http.GET('/api/join/{code}', { params: { path: { code } } }));
}

/** The caller's own case; `null` where there is none yet. */
export async function readCase(code: string): Promise<JoinCase | null> {
  try {
    return await answered(http.GET('/api/join/{code}/case', { params: { path: { code } } }));
  } catch (error) {
    const failure = failureFrom(error);
    if (failure.kind === 'refused' && failure.code === 'not_found') return null;
    throw error;
  }
}

export function join(code: string, body: UseInvitation): Promise<JoinCase> {
  return answered(http.POST('/api/join/{code}', { params: { path: { code } }, body }));
}

export async function withdraw(join: string): Promise<void> {
  await answered(http.POST('/api/me/joins/{join}/withdrawal', { params: { path: { join } } }));
}
