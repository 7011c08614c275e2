/** The quorum lamp: expected, present, needed, as the hub counts them. */

import { t } from '../../i18n/texts.ts';
import { Icon } from '../../ui/Icon.tsx';
import type { MeetingLamp } from '../../wire/types.ts';
import css from './Meetings.module.css';
import { texts } from './texts.ts';

interface Props {
  of: MeetingLamp;
  /** The hub said so just now. Without, every figure is unknown. */
  known: boolean;
}

export function Lamp({ of, known }: Props) {
  const words = texts();
  const { expected, present, connected, needed, state: lamp, no_formal: noFormal } = of;
  const { consulted, consulted_present: consultedPresent, here } = of;
  const said = known ? words.lamps[lamp] : words.unknownLamp;
  const cutOff = present - connected;
  return (
    <section
      class={`card ${css.lamp}`}
      data-lamp={known ? lamp : 'unknown'}
      aria-label={words.lamp}
    >
      <p class={css.word} role="status">
        <Icon
          name={
            known && lamp === 'reached' ? 'check' : known && lamp === 'missing' ? 'alert' : 'clock'
          }
        />
        <strong>{said}</strong>
      </p>
      <dl class={css.figures}>
        <Figure name={words.expected} value={expected} known={known} />
        <Figure name={words.present} value={present} known={known} />
        {needed == null ? null : <Figure name={words.needed} value={needed} known={known} />}
      </dl>
      {needed != null && known ? <Bar {...{ expected, present, needed }} /> : null}
      {known && (cutOff > 0 || consulted > 0 || here !== present) ? (
        <p class="small quiet numbers">
          {[
            ...(cutOff > 0 ? [words.cutOff(cutOff)] : []),
            ...(consulted > 0 ? [words.consulted(consulted, consultedPresent)] : []),
            ...(here === present ? [] : [words.here(here)]),
          ].join(' · ')}
        </p>
      ) : null}
      {noFormal ? <p class="small">{words.noFormal[noFormal]}</p> : null}
      <details class={`no-print ${css.how}`}>
        <summary>{words.howCounted}</summary>
        <p class="small">{words.counted}</p>
      </details>
    </section>
  );
}

/** The lamp in one line, for the top of the meeting. */
export function LampLine({ of, known }: Props) {
  const words = texts();
  const { expected, present, needed, state } = of;
  const said = (value: number) => (known ? String(value) : t().common.unknown);
  return (
    <span class={css.lampLine} data-lamp={known ? state : 'unknown'}>
      <span class="numbers">
        {words.expected} {said(expected)} · {words.present} {said(present)}
        {needed == null ? '' : ` · ${words.needed} ${said(needed)}`}
      </span>{' '}
      {needed == null ? null : (
        <strong class={css.word}>{known ? words.short[state] : words.shortUnknown}</strong>
      )}
    </span>
  );
}

interface FigureProps {
  name: string;
  value: number;
  known: boolean;
}

function Figure({ name, value, known }: FigureProps) {
  return (
    <div>
      <dt>{name}</dt>
      <dd class="numbers">{known ? value : t().common.unknown}</dd>
    </div>
  );
}

interface BarProps {
  expected: number;
  present: number;
  needed: number;
}

/** Filled as far as people are present, with a line where enough are. */
function Bar({ expected, present, needed }: BarProps) {
  const of = Math.max(expected, needed, 1);
  return (
    <svg
      class={css.bar}
      viewBox="0 0 100 8"
      preserveAspectRatio="none"
      role="img"
      aria-label={texts().lampOf(present, needed, expected)}
    >
      <rect class={css.track} width="100" height="8" />
      <rect class={css.fill} width={(100 * present) / of} height="8" />
      <rect class={css.threshold} x={Math.min(99, (100 * needed) / of)} width="1" height="8" />
    </svg>
  );
}
