/** The check of devices and network on a page of its own. */

import type { ComponentChildren } from 'preact';
import { useLocation } from 'wouter-preact';
import { Page } from '../../ui/Page.tsx';
import { Ready } from './Ready.tsx';

interface Props {
  said: { title: string; help: string; enter: string };
  back: string;
  strip: ComponentChildren;
}

export function CheckPage({ said, back, strip }: Props) {
  const [, go] = useLocation();
  return (
    <Page title={said.title} back={back} strip={strip}>
      <Ready said={said} onEnter={() => go(back)} />
    </Page>
  );
}
