/** The account calls of pages that are loaded when they are asked for. */

import { answered, http } from '../../wire/http.ts';
import type { Consent, Device, GiveConsent, Me } from '../../wire/types.ts';

export async function readDevices(): Promise<Device[]> {
  return (await answered(http.GET('/api/devices'))).devices;
}

export async function revokeDevice(device: string): Promise<void> {
  await answered(http.DELETE('/api/devices/{device}', { params: { path: { device } } }));
}

export function signInByPassword(phone: string, password: string): Promise<Me> {
  return answered(http.POST('/api/sign-in/password', { body: { phone, password } }));
}

/** Sets the password; the present one proves the person where the sign-in is not fresh. */
export async function setPassword(password: string, present: string | null): Promise<void> {
  const body = { password, ...(present ? { present } : {}) };
  await answered(http.PUT('/api/me/password', { body }));
}

export async function readConsents(): Promise<Consent[]> {
  return (await answered(http.GET('/api/me/consents'))).consents;
}

export async function giveConsent(body: GiveConsent): Promise<void> {
  await answered(http.POST('/api/me/consents', { body }));
}
