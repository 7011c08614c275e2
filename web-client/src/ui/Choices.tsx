/** One of several, as a row of buttons: a group of radio buttons underneath. */

import { useId } from 'preact/hooks';

interface Props<T extends string> {
  label: string;
  values: readonly T[];
  names: Record<T, string>;
  value: T;
  onChange(value: T): void;
}

export function Choices<T extends string>({ label, values, names, value, onChange }: Props<T>) {
  const name = useId();
  return (
    <fieldset class="field">
      <legend class="label">{label}</legend>
      <div class="choices">
        {values.map((one) => (
          <label key={one}>
            <input
              type="radio"
              name={name}
              value={one}
              checked={one === value}
              onChange={() => onChange(one)}
            />
            <span>{names[one]}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
