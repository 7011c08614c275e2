/** `/desk`: what waits for an officer. */

import type { ComponentChildren } from 'preact';
import { Link } from 'wouter-preact';
import { t } from '../../i18n/texts.ts';
import { urls } from '../../routes.ts';
import { Icon } from '../../ui/Icon.tsx';
import { Refused, useAction } from '../../ui/Loaded.tsx';
import { Page } from '../../ui/Page.tsx';
import type { Desk } from '../../wire/types.ts';
import { closeDesk } from './api.ts';
import { DeskJoins } from './DeskJoins.tsx';
import { texts } from './texts.ts';

interface Props {
  desk: Desk;
  /** The meetings of the officer's organisations. */
  meetings: ComponentChildren;
  strip: ComponentChildren;
  onClosed(): void;
}

export function DeskPage({ desk, meetings, strip, onClosed }: Props) {
  return (
    <Page title={texts().title} strip={strip}>
      <div class="stack">
        {meetings}
        <DeskJoins />
        {desk.administrator ? <Administration /> : null}
        <Close desk={desk} onClosed={onClosed} />
      </div>
    </Page>
  );
}

function Administration() {
  return (
    <nav class="card tight" aria-label={texts().admin}>
      <Link href={urls.admin} class="list-button">
        <Icon name="shield" />
        <span>{texts().admin}</span>
        <Icon name="next" />
      </Link>
    </nav>
  );
}

function Close({ desk, onClosed }: { desk: Desk; onClosed(): void }) {
  const action = useAction();
  const words = texts();
  const until = desk.open_until ? t().clock(Date.parse(desk.open_until)) : '';
  const close = async () => {
    await closeDesk();
    onClosed();
  };
  return (
    <div class="stack">
      <Refused action={action} />
      <button
        type="button"
        class="button wide"
        disabled={action.busy}
        onClick={() => void action.run(close)}
      >
        {words.close}
      </button>
      <p class="small quiet numbers">{words.openUntil(until)}</p>
    </div>
  );
}
