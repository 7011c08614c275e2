/** Before anything else: the pages that one agrees to, in the version in force. */

import type { ComponentChildren } from 'preact';
import { Link } from 'wouter-preact';
import { urls } from '../../routes.ts';
import { Icon } from '../../ui/Icon.tsx';
import { Faced, Refused, useAction, useLoaded } from '../../ui/Loaded.tsx';
import { useTitle } from '../../ui/Page.tsx';
import type { Consent, Document } from '../../wire/types.ts';
import { accountTexts } from './account_texts.ts';
import { giveConsent, readConsents } from './api_later.ts';

interface Props {
  due: readonly Document[];
  /** Name of the product and the switch for larger text. */
  head: ComponentChildren;
  onAgreed(): void;
  onSignOut(): void;
}

export function ConsentPage({ due, head, onAgreed, onSignOut }: Props) {
  const known = useLoaded(readConsents, 'consents');
  const action = useAction();
  const words = accountTexts();
  useTitle(words.consentTitle);
  const agree = (consents: readonly Consent[]) =>
    void action
      .run(async () => {
        for (const { document, version } of consents) await giveConsent({ document, version });
      })
      .then((done) => {
        if (done) onAgreed();
        // Another version came into force meanwhile.
        else known.reload();
      });
  return (
    <main class="entry" id="content">
      {head}
      <div class="body">
        <div class="card stack-wide">
          <h1>{words.consentTitle}</h1>
          <p>{words.consentText}</p>
          <Refused action={action} />
          <Faced of={known} code="E-同意-100">
            {(all) => {
              const asked = all.filter((one) => due.includes(one.document));
              return (
                <>
                  <Documents consents={asked} />
                  <button
                    type="button"
                    class="button primary wide"
                    disabled={action.busy}
                    onClick={() => agree(asked)}
                  >
                    {action.busy ? words.agreeing : words.agree}
                  </button>
                </>
              );
            }}
          </Faced>
          <button type="button" class="button plain wide" onClick={onSignOut}>
            {words.disagree}
          </button>
        </div>
      </div>
    </main>
  );
}

function Documents({ consents }: { consents: readonly Consent[] }) {
  const words = accountTexts();
  return (
    <ul>
      {consents.map(({ document, version }) => (
        <li key={document}>
          <Link href={urls[document]} class="list-button">
            <Icon name={document === 'privacy' ? 'shield' : 'book'} />
            <span>
              {words.documents[document]}
              <span class="quiet small"> {words.version(version)}</span>
            </span>
            <Icon name="next" />
          </Link>
        </li>
      ))}
    </ul>
  );
}
