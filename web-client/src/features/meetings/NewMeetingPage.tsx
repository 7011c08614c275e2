/** `/desk/meetings/new`: the form; what is typed stays on the device until it is saved. */

import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { useLocation } from 'wouter-preact';
import { urls } from '../../routes.ts';
import { Face, Loading } from '../../ui/Faces.tsx';
import { Faced, useLoaded } from '../../ui/Loaded.tsx';
import { Page } from '../../ui/Page.tsx';
import type { MeetingOrganiser } from '../../wire/types.ts';
import { prepareMeeting, readDeskMeetings } from './desk_api.ts';
import { deskTexts } from './desk_texts.ts';
import type { Drafts } from './MinutesEditor.tsx';
import { PrepareForm } from './PrepareForm.tsx';
import { bodyOf, type Draft, emptyDraft } from './prepare.ts';

const FIELD = 'meeting:new';

interface Props {
  drafts: Drafts;
  strip: ComponentChildren;
}

export function NewMeetingPage({ drafts, strip }: Props) {
  const known = useLoaded(readDeskMeetings, 'places');
  const words = deskTexts();
  return (
    <Page title={words.newTitle} back={urls.desk} strip={strip}>
      <Faced of={known} code="E-会议-600">
        {({ places }) =>
          places.length === 0 ? (
            <Face icon="lock" title={words.nowhere} />
          ) : (
            <Kept places={places} drafts={drafts} />
          )
        }
      </Faced>
    </Page>
  );
}

interface KeptProps {
  places: readonly MeetingOrganiser[];
  drafts: Drafts;
}

/** The form as it was left, or an empty one. */
function Kept({ places, drafts }: KeptProps) {
  const [start, setStart] = useState<Draft | null>(null);
  const [, go] = useLocation();
  useEffect(() => {
    void drafts.get(FIELD).then(
      (kept) => setStart(restored(kept, places)),
      () => setStart(emptyDraft(places)),
    );
  }, [drafts, places]);
  if (!start) return <Loading />;
  const give = async (draft: Draft) => {
    const { summary } = await prepareMeeting(bodyOf(draft));
    await drafts.put(FIELD, '');
    go(urls.deskMeet(summary.meeting));
  };
  return (
    <PrepareForm
      places={places}
      start={start}
      onChange={(draft) => void drafts.put(FIELD, JSON.stringify(draft))}
      onGive={give}
    />
  );
}

function restored(kept: string, places: readonly MeetingOrganiser[]): Draft {
  const empty = emptyDraft(places);
  if (!kept) return empty;
  const draft = { ...empty, ...(JSON.parse(kept) as Draft) };
  const known = places.some((one) => one.organisation.organisation === draft.organisation);
  return known ? draft : empty;
}
