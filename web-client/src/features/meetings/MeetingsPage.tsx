/** `/meetings`: what comes, and what has been. */

import type { ComponentChildren } from 'preact';
import { Face } from '../../ui/Faces.tsx';
import { Faced, useLoaded } from '../../ui/Loaded.tsx';
import { Page } from '../../ui/Page.tsx';
import { readMeetings } from './api.ts';
import { MeetingRows } from './MeetingRows.tsx';
import { memberTexts } from './member_texts.ts';

export function MeetingsPage({ strip }: { strip: ComponentChildren }) {
  const known = useLoaded(readMeetings, 'meetings');
  const words = memberTexts();
  return (
    <Page title={words.title} strip={strip}>
      <Faced of={known} code="E-会议-100">
        {({ coming, over }) =>
          coming.length + over.length === 0 ? (
            <Face icon="calendar" title={words.none} text={words.noneHelp} />
          ) : (
            <div class="stack">
              <MeetingRows id="coming" title={words.coming} rows={coming} none={words.noneComing} />
              <MeetingRows id="over" title={words.over} rows={over} none={words.noneOver} />
            </div>
          )
        }
      </Faced>
    </Page>
  );
}
