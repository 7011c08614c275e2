/** `/admin/policies`: the numbers of the rules, from when they apply and what they rest on. */

import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { urls } from '../../routes.ts';
import { Field, FormDialog } from '../../ui/FormDialog.tsx';
import { Faced, useLoaded } from '../../ui/Loaded.tsx';
import { Page } from '../../ui/Page.tsx';
import type { Policy } from '../../wire/types.ts';
import css from './Administration.module.css';
import { readPolicies, setPolicy } from './api.ts';
import { byKey } from './model.ts';
import { texts } from './texts.ts';

export function PoliciesPage({ strip }: { strip: ComponentChildren }) {
  const known = useLoaded(readPolicies, 'policies');
  const [changing, setChanging] = useState<Policy | null>(null);
  const words = texts();
  return (
    <Page title={words.policies} back={urls.admin} strip={strip}>
      <Faced of={known} code="E-管理-300">
        {(policies) => (
          <div class="stack">
            {byKey(policies).map(({ key, versions }) => (
              <Group key={key} name={key} versions={versions} onChange={setChanging} />
            ))}
          </div>
        )}
      </Faced>
      {changing ? (
        <ChangeDialog
          policy={changing}
          onClose={() => setChanging(null)}
          onDone={() => {
            setChanging(null);
            known.reload();
          }}
        />
      ) : null}
    </Page>
  );
}

interface GroupProps {
  name: string;
  versions: readonly Policy[];
  onChange(policy: Policy): void;
}

function Group({ name, versions, onChange }: GroupProps) {
  const words = texts();
  const now = versions.find((one) => one.in_force) ?? versions[0];
  return (
    <section class="card stack" aria-label={words.policyNames[name] ?? name}>
      <h2>{words.policyNames[name] ?? name}</h2>
      <ul class={css.lines}>
        {versions.map((one) => (
          <li key={`${one.scope?.organisation} ${one.effective_from}`} class={css.line}>
            <p>
              <strong>
                {one.in_force
                  ? words.policyNow(one.value, words.units[one.unit])
                  : words.policyThen(one.value, words.units[one.unit])}
                {one.scope ? ` · ${one.scope.name}` : ''}
              </strong>
              <span class="small quiet">
                {words.policyFrom(one.effective_from)} · {words.policySource(one.source)}
              </span>
            </p>
          </li>
        ))}
      </ul>
      {now ? (
        <button type="button" class="button" onClick={() => onChange(now)}>
          {words.setPolicy}
          <span class="hidden-text"> {words.policyNames[name] ?? name}</span>
        </button>
      ) : null}
    </section>
  );
}

interface ChangeProps {
  policy: Policy;
  onDone(): void;
  onClose(): void;
}

function ChangeDialog({ policy, onDone, onClose }: ChangeProps) {
  const words = texts();
  const { key, scope, value, least, most } = policy;
  return (
    <FormDialog
      title={words.policyNames[key] ?? key}
      {...(scope ? { text: scope.name } : {})}
      button={words.save}
      onGive={(read) =>
        setPolicy({
          key,
          ...(scope ? { scope: scope.organisation } : {}),
          value: Number(read('value')),
          effective_from: read('from'),
          source: read('source'),
        })
      }
      onDone={onDone}
      onClose={onClose}
    >
      <Field
        name="value"
        type="number"
        label={words.value}
        value={String(value)}
        hint={words.policyRange(least, most)}
      />
      <Field name="from" type="date" label={words.from} />
      <Field name="source" label={words.source} max={200} />
    </FormDialog>
  );
}
