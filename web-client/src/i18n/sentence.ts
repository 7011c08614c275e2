/** A failed request in words. */

import type { Failure } from '../wire/http.ts';
import { t } from './texts.ts';

export function sentence(failure: Failure): string {
  if (failure.kind === 'lost') return t().common.lost;
  return t().refusals[failure.code] ?? t().refusals.invalid_input;
}
