/** A question with a few fields, sent to the hub; it closes when the hub agreed. */

import type { ComponentChildren } from 'preact';
import { t } from '../i18n/texts.ts';
import { Dialog } from './Dialog.tsx';
import { Refused, useAction } from './Loaded.tsx';

/** What stands in a field of the form, trimmed. */
export type Read = (field: string) => string;

interface Props {
  title: string;
  text?: string;
  button: string;
  onGive(read: Read): Promise<void>;
  onDone(): void;
  onClose(): void;
  children: ComponentChildren;
}

export function FormDialog({ title, text, button, onGive, onDone, onClose, children }: Props) {
  const action = useAction();
  return (
    <Dialog title={title} onClose={onClose}>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          const values = new FormData(event.currentTarget);
          const read = (field: string) => String(values.get(field) ?? '').trim();
          void action.run(() => onGive(read)).then((done) => done && onDone());
        }}
      >
        {text ? <p>{text}</p> : null}
        <Refused action={action} />
        {children}
        <button type="submit" class="button primary wide" disabled={action.busy}>
          {button}
        </button>
        <button type="button" class="button wide" onClick={onClose}>
          {t().common.cancel}
        </button>
      </form>
    </Dialog>
  );
}

interface FieldProps {
  name: string;
  label: string;
  hint?: string;
  type?: 'text' | 'tel' | 'number' | 'date' | 'datetime-local';
  value?: string;
  max?: number;
  optional?: boolean;
}

/** One line of text, a number or a day. */
export function Field({ name, label, hint, type = 'text', value, max, optional }: FieldProps) {
  return (
    <div class="field">
      <label for={`field-${name}`}>{label}</label>
      <input
        id={`field-${name}`}
        name={name}
        class="input"
        // The types know one kind of field at a time.
        type={type as 'text'}
        {...(max === undefined ? {} : { maxLength: max })}
        {...(value === undefined ? {} : { defaultValue: value })}
        required={!optional}
      />
      {hint ? <p class="hint">{hint}</p> : null}
    </div>
  );
}

interface AreaProps {
  name: string;
  label: string;
  hint?: string;
  value?: string;
  rows?: number;
  max: number;
  optional?: boolean;
}

/** Several lines of text. */
export function Area({ name, label, hint, value = '', rows = 2, max, optional }: AreaProps) {
  return (
    <div class="field">
      <label for={`field-${name}`}>{label}</label>
      <textarea
        id={`field-${name}`}
        name={name}
        class="input"
        rows={rows}
        maxLength={max}
        defaultValue={value}
        required={!optional}
      />
      {hint ? <p class="hint">{hint}</p> : null}
    </div>
  );
}

interface SelectProps<T extends string> {
  name: string;
  label: string;
  values: readonly T[];
  names: Record<T, string>;
}

/** One of several. */
export function Select<T extends string>({ name, label, values, names }: SelectProps<T>) {
  return (
    <div class="field">
      <label for={`field-${name}`}>{label}</label>
      <select id={`field-${name}`} name={name} class="input">
        {values.map((one) => (
          <option key={one} value={one}>
            {names[one]}
          </option>
        ))}
      </select>
    </div>
  );
}
