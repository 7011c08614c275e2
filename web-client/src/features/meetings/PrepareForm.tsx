/** The form of a meeting: what, when, who, the agenda, venues, exemptions. */

import { useState } from 'preact/hooks';
import { Choices } from '../../ui/Choices.tsx';
import { Notice } from '../../ui/Faces.tsx';
import { Refused, useAction } from '../../ui/Loaded.tsx';
import type { MeetingOrganiser } from '../../wire/types.ts';
import { deskTexts } from './desk_texts.ts';
import css from './Meetings.module.css';
import { Line, type PartProps, Pick } from './PrepareFields.tsx';
import { AgendaLines, ExemptedLines, VenueLines } from './PrepareLines.tsx';
import { type Draft, faultOf } from './prepare.ts';
import { texts } from './texts.ts';

interface Props {
  places: readonly MeetingOrganiser[];
  start: Draft;
  /** The organisation stays. */
  fixed?: boolean;
  onChange(draft: Draft): void;
  onGive(draft: Draft): Promise<void>;
}

export function PrepareForm({ places, start, fixed, onChange, onGive }: Props) {
  const [draft, setDraft] = useState(start);
  const [tried, setTried] = useState(false);
  const action = useAction();
  const words = deskTexts();
  const place = places.find((one) => one.organisation.organisation === draft.organisation);
  const fault = faultOf(draft);
  const set = (patch: Partial<Draft>) => {
    const next = { ...draft, ...patch };
    setDraft(next);
    onChange(next);
  };
  const part = { draft, people: place?.people ?? [], set };
  return (
    <form
      class="stack"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        setTried(true);
        if (!fault) void action.run(() => onGive(draft));
      }}
    >
      <section class="card stack">
        <Which {...part} places={places} fixed={fixed === true} />
        <When {...part} days={place?.notice_days ?? null} />
      </section>
      <section class="card stack">
        <People {...part} />
      </section>
      <AgendaLines {...part} />
      <VenueLines {...part} />
      <ExemptedLines {...part} />
      {tried && fault ? <Notice>{words.faults[fault]}</Notice> : null}
      <Refused action={action} />
      <button type="submit" class="button primary wide" disabled={action.busy}>
        {words.next}
      </button>
    </form>
  );
}

interface WhichProps extends PartProps {
  places: readonly MeetingOrganiser[];
  fixed: boolean;
}

function Which({ draft, set, places, fixed }: WhichProps) {
  const words = deskTexts();
  const place = places.find((one) => one.organisation.organisation === draft.organisation);
  const choose = (organisation: string) => {
    const next = places.find((one) => one.organisation.organisation === organisation);
    const kind = next?.kinds.includes(draft.kind) ? draft.kind : (next?.kinds[0] ?? draft.kind);
    set({ organisation, kind, chair: next?.chair?.person ?? '', recorder: '', exempted: [] });
  };
  return (
    <>
      {places.length > 1 && !fixed ? (
        <Pick
          id="organisation"
          label={words.organisation}
          value={draft.organisation}
          of={places.map(({ organisation: one }) => ({ id: one.organisation, name: one.name }))}
          onPick={choose}
        />
      ) : (
        <p class="quiet">{place?.organisation.name}</p>
      )}
      <Choices
        label={words.kind}
        values={place?.kinds ?? [draft.kind]}
        names={texts().kinds}
        value={draft.kind}
        onChange={(kind) => set({ kind })}
      />
      <Line
        id="title"
        label={words.name}
        hint={words.nameHint}
        value={draft.title}
        max={60}
        onType={(title) => set({ title })}
      />
    </>
  );
}

function When({ draft, set, days }: PartProps & { days: number | null }) {
  const words = deskTexts();
  return (
    <>
      <div class={css.pair}>
        <Line
          id="day"
          type="date"
          label={words.day}
          value={draft.day}
          onType={(day) => set({ day })}
        />
        <Line
          id="time"
          type="time"
          label={words.time}
          value={draft.time}
          onType={(time) => set({ time })}
        />
      </div>
      {days ? <p class="small quiet numbers">{words.notice(days)}</p> : null}
      <Line
        id="place"
        label={words.place}
        hint={words.placeHint}
        value={draft.place}
        max={60}
        onType={(place) => set({ place })}
      />
      <label class={css.tick}>
        <input
          type="checkbox"
          checked={draft.closed}
          onChange={(event) => set({ closed: event.currentTarget.checked })}
        />
        <span>{words.closed}</span>
      </label>
    </>
  );
}

function People({ draft, people, set }: PartProps) {
  const words = deskTexts();
  const of = people.map((one) => ({ id: one.person, name: one.name }));
  return (
    <>
      <Pick
        id="chair"
        label={words.chair}
        value={draft.chair}
        of={of}
        onPick={(chair) => set({ chair })}
      />
      <Pick
        id="recorder"
        label={words.recorder}
        value={draft.recorder}
        of={of}
        onPick={(recorder) => set({ recorder })}
      />
    </>
  );
}
