/** The words of the reading pages, in both languages. */

import { proseEn } from './prose_en.ts';
import { proseZh } from './prose_zh.ts';

export type ProseName = 'help' | 'privacy' | 'rules';

/** A paragraph, a heading, a list, numbered steps. */
export type Block = string | { title: string } | { points: string[] } | { steps: string[] };

export type Prose = Record<ProseName, Block[]>;

export function proseOf(locale: string, name: ProseName): Block[] {
  return (locale === 'en' ? proseEn : proseZh)[name];
}
