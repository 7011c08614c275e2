/** Fields of the form of a meeting. */

import type { PersonName } from '../../wire/types.ts';
import { deskTexts } from './desk_texts.ts';
import type { Draft } from './prepare.ts';

export interface PartProps {
  draft: Draft;
  people: readonly PersonName[];
  set(patch: Partial<Draft>): void;
}

interface LineProps {
  id: string;
  label: string;
  value: string;
  hint?: string;
  type?: 'text' | 'date' | 'time';
  max?: number;
  onType(value: string): void;
}

/** One line of text, a day or a time. */
export function Line({ id, label, value, hint, type = 'text', max, onType }: LineProps) {
  return (
    <div class="field">
      <label for={`prepare-${id}`}>{label}</label>
      <input
        id={`prepare-${id}`}
        class="input"
        // The types know one kind of field at a time.
        type={type as 'text'}
        {...(max === undefined ? {} : { maxLength: max })}
        {...(hint ? { 'aria-describedby': `prepare-${id}-hint` } : {})}
        value={value}
        onInput={(event) => onType(event.currentTarget.value)}
      />
      {hint ? (
        <p class="hint" id={`prepare-${id}-hint`}>
          {hint}
        </p>
      ) : null}
    </div>
  );
}

interface PickProps {
  id: string;
  label: string;
  value: string;
  of: readonly { id: string; name: string }[];
  onPick(id: string): void;
}

export function Pick({ id, label, value, of, onPick }: PickProps) {
  return (
    <div class="field">
      <label for={`prepare-${id}`}>{label}</label>
      <select
        id={`prepare-${id}`}
        class="input"
        value={value}
        onChange={(event) => onPick(event.currentTarget.value)}
      >
        <option value="">{deskTexts().choose}</option>
        {of.map((one) => (
          <option key={one.id} value={one.id}>
            {one.name}
          </option>
        ))}
      </select>
    </div>
  );
}
