/** Refusals of the chat socket: the hub's number as the word that has a text. */

import type { RefusalCode } from '../../wire/types.ts';

const words: Record<string, RefusalCode> = {
  '101': 'sign_in_required',
  '103': 'not_allowed',
  '106': 'too_large',
  '108': 'not_offered',
  '420': 'text_empty',
  '421': 'text_too_long',
  '422': 'too_late',
  '423': 'message_gone',
};

export function refusalOf(number: string | null): RefusalCode {
  return words[number ?? ''] ?? 'invalid_input';
}
