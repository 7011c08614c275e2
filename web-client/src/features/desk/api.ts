/** The calls of the hub about the officers' desk. */

import { answered, http } from '../../wire/http.ts';
import type { Desk, HomeAnswer, JoinCase, SecondFactor } from '../../wire/types.ts';

export function readDesk(): Promise<Desk> {
  return answered(http.GET('/api/desk'));
}

export function openDesk(code: string): Promise<Desk> {
  return answered(http.POST('/api/desk', { body: { code } }));
}

export async function closeDesk(): Promise<void> {
  await answered(http.DELETE('/api/desk'));
}

export function newSecondFactor(): Promise<SecondFactor> {
  return answered(http.POST('/api/desk/second-factor'));
}

export function confirmSecondFactor(code: string): Promise<Desk> {
  return answered(http.POST('/api/desk/second-factor/confirmation', { body: { code } }));
}

export async function readJoins(): Promise<JoinCase[]> {
  return (await answered(http.GET('/api/desk/joins'))).joins;
}

export async function answerJoin(join: string, body: HomeAnswer): Promise<void> {
  await answered(http.POST('/api/desk/joins/{join}/answer', { params: { path: { join } }, body }));
}
