/** Entering who is in the room without a device of their own. */

import { useState } from 'preact/hooks';
import { Area, FormDialog } from '../../ui/FormDialog.tsx';
import { Refused, useAction } from '../../ui/Loaded.tsx';
import type { Meeting, RollLine } from '../../wire/types.ts';
import { enterOnSite } from './api.ts';
import css from './Meetings.module.css';
import { Roll } from './Roll.tsx';
import { runTexts } from './run_texts.ts';

const REASON_CHARS_MAX = 200;

interface Props {
  meeting: Meeting;
  put(meeting: Meeting): void;
}

/** The roll, with a button beside each line that may be entered. */
export function OnSite({ meeting, put }: Props) {
  const [asking, setAsking] = useState<RollLine | null>(null);
  const action = useAction();
  const words = runTexts();
  const { rights, summary } = meeting;
  const may = rights.includes('enter_on_site');
  const enter = async (line: RollLine, reason?: string) => {
    const body = { present: line.place !== 'on_site', ...(reason ? { reason } : {}) };
    put(await enterOnSite(summary.meeting, line.person, body));
  };
  const press = (line: RollLine) => {
    if (summary.state === 'open') setAsking(line);
    else void action.run(() => enter(line));
  };
  return (
    <>
      {may ? <p class="small quiet no-print">{words.onSiteHelp}</p> : null}
      <Refused action={action} />
      <Roll meeting={meeting}>
        {(line) =>
          may && (line.place === 'away' || line.place === 'on_site') ? (
            <button
              type="button"
              class={`button no-print ${css.beside}`}
              aria-label={
                line.place === 'on_site' ? words.undoOf(line.name) : words.arriveOf(line.name)
              }
              disabled={action.busy}
              onClick={() => press(line)}
            >
              {line.place === 'on_site' ? words.undo : words.arrive}
            </button>
          ) : null
        }
      </Roll>
      {asking ? (
        <FormDialog
          title={words.reasonFor(asking.name)}
          text={words.reasonText}
          button={words.save}
          onGive={(read) => enter(asking, read('reason'))}
          onDone={() => setAsking(null)}
          onClose={() => setAsking(null)}
        >
          <Area name="reason" label={words.reason} max={REASON_CHARS_MAX} />
        </FormDialog>
      ) : null}
    </>
  );
}
