/** Help, privacy and rules: plain reading pages, loaded when asked for. */

import { t } from '../../i18n/texts.ts';
import { urls } from '../../routes.ts';
import { Page } from '../../ui/Page.tsx';
import { type Block, type ProseName, proseOf } from './prose.ts';

export function ProsePage({ name }: { name: ProseName }) {
  const texts = t();
  return (
    <Page title={texts.pages[name]} back={urls.home}>
      <div class="card prose">
        {proseOf(texts.locale, name).map((block) => (
          <BlockView
            key={typeof block === 'string' ? block : JSON.stringify(block)}
            block={block}
          />
        ))}
      </div>
    </Page>
  );
}

function BlockView({ block }: { block: Block }) {
  if (typeof block === 'string') return <p>{block}</p>;
  if ('title' in block) return <h2>{block.title}</h2>;
  const items = ('steps' in block ? block.steps : block.points).map((item) => (
    <li key={item}>{item}</li>
  ));
  return 'steps' in block ? <ol>{items}</ol> : <ul>{items}</ul>;
}
