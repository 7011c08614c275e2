/** A failed request in words. */

import { t } from '../../i18n/texts.ts';
import type { Failure } from '../../wire/http.ts';

export function sentence(failure: Failure): string {
  if (failure.kind === 'lost') return t().common.lost;
  return t().refusals[failure.code] ?? t().refusals.invalid_input;
}
