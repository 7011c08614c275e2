/** On the desk: the meetings of the officer's organisations, and the way to call one. */

import { Link } from 'wouter-preact';
import { urls } from '../../routes.ts';
import { Faced, useLoaded } from '../../ui/Loaded.tsx';
import { readDeskMeetings } from './desk_api.ts';
import { deskTexts } from './desk_texts.ts';
import { MeetingRows } from './MeetingRows.tsx';

export function DeskMeetings() {
  const known = useLoaded(readDeskMeetings, 'meetings');
  const words = deskTexts();
  return (
    <Faced of={known} code="E-工作台-300">
      {({ meetings, places }) => (
        <>
          <MeetingRows
            id="desk-meetings"
            title={words.meetings}
            rows={meetings}
            none={words.none}
            to={urls.deskMeet}
          />
          {places.length > 0 ? (
            <Link href={urls.deskNewMeeting} class="button primary wide">
              {words.call}
            </Link>
          ) : null}
        </>
      )}
    </Faced>
  );
}
