/** Why a microphone or camera did not come, and what to do in this very browser. */

import { Notice } from '../../ui/Faces.tsx';
import { browserOf } from './browser.ts';
import { texts } from './texts.ts';

export function Trouble({ name }: { name: string }) {
  const words = texts();
  return (
    <Notice warn>
      {words.troubles[name] ?? words.trouble}
      {name === 'NotAllowedError' ? <> {words.allow[browserOf(navigator.userAgent)]}</> : null}
    </Notice>
  );
}
