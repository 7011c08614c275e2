/** What an administrator does to an organisation; each rests on a decision that is named. */

import { Field, FormDialog, type Read, Select } from '../../ui/FormDialog.tsx';
import type {
  OrganisationKind,
  OrganisationRow,
  PostKind,
  PostRow,
  Standing,
} from '../../wire/types.ts';
import { appoint, change, dissolve, endPost, found, register } from './api.ts';
import { texts } from './texts.ts';

const NAME_CHARS_MAX = 60;
const PERSON_CHARS_MAX = 100;
const CODE_DIGITS = 12;

/** What is founded here; joint branches need their units and are founded by the command line. */
const KINDS: readonly OrganisationKind[] = [
  'party_group',
  'branch',
  'mobile_branch',
  'temporary_branch',
  'general_branch',
  'grassroots_committee',
  'work_committee',
  'county_committee',
  'city_committee',
  'organization_department',
];

const POSTS: readonly PostKind[] = [
  'secretary',
  'deputy_secretary',
  'organization_officer',
  'publicity_officer',
  'discipline_officer',
  'committee_member',
  'group_leader',
  'department_officer',
];

const STANDINGS: readonly Standing[] = ['full', 'probationary'];

interface Ends {
  onDone(): void;
  onClose(): void;
}

export function FoundDialog({ parent, ...ends }: Ends & { parent: OrganisationRow }) {
  const words = texts();
  const give = async (read: Read) => {
    const code = read('code');
    await found({
      kind: read('kind') as OrganisationKind,
      name: read('name'),
      parent: parent.organisation,
      ...(code ? { code } : {}),
      reason: read('reason'),
    });
  };
  return (
    <FormDialog
      title={words.addBelow}
      text={parent.name}
      button={words.save}
      onGive={give}
      {...ends}
    >
      <Select name="kind" label={words.kind} values={KINDS} names={words.kinds} />
      <Field name="name" label={words.newName} max={NAME_CHARS_MAX} />
      <Field name="code" label={words.organisationCode} max={CODE_DIGITS} optional />
      <Reason />
    </FormDialog>
  );
}

export function ChangeDialog({ row, ...ends }: Ends & { row: OrganisationRow }) {
  const words = texts();
  const give = async (read: Read) => {
    await change(row.organisation, { name: read('name'), reason: read('reason') });
  };
  return (
    <FormDialog title={words.change} button={words.save} onGive={give} {...ends}>
      <Field name="name" label={words.newName} value={row.name} max={NAME_CHARS_MAX} />
      <Reason />
    </FormDialog>
  );
}

export function DissolveDialog({ row, ...ends }: Ends & { row: OrganisationRow }) {
  const words = texts();
  return (
    <FormDialog
      title={words.dissolve}
      text={words.dissolveText}
      button={words.dissolve}
      onGive={(read) => dissolve(row.organisation, read('reason'))}
      {...ends}
    >
      <Reason />
    </FormDialog>
  );
}

export function EndPostDialog({ post, ...ends }: Ends & { post: PostRow }) {
  const words = texts();
  return (
    <FormDialog
      title={words.endPostOf(post.name, words.posts[post.kind])}
      button={words.endPost}
      onGive={(read) => endPost(post.post, read('reason'))}
      {...ends}
    >
      <Reason />
    </FormDialog>
  );
}

export function RegisterDialog({ id, ...ends }: Ends & { id: string }) {
  const words = texts();
  const give = (read: Read) =>
    register(id, {
      name: read('name'),
      phone: read('phone').replace(/\D/g, ''),
      standing: read('standing') as Standing,
      reason: read('reason'),
    });
  return (
    <FormDialog title={words.registerMember} button={words.save} onGive={give} {...ends}>
      <Field name="name" label={words.name} max={PERSON_CHARS_MAX} />
      <Field name="phone" label={words.phone} type="tel" max={20} />
      <Select name="standing" label={words.standing} values={STANDINGS} names={words.standings} />
      <Reason />
    </FormDialog>
  );
}

interface AppointProps extends Ends {
  id: string;
  person: { person: string; name: string };
}

export function AppointDialog({ id, person, ...ends }: AppointProps) {
  const words = texts();
  const give = (read: Read) =>
    appoint(id, {
      person: person.person,
      kind: read('post') as PostKind,
      reason: read('reason'),
    });
  return (
    <FormDialog
      title={words.appoint}
      text={person.name}
      button={words.save}
      onGive={give}
      {...ends}
    >
      <Select name="post" label={words.post} values={POSTS} names={words.posts} />
      <Reason />
    </FormDialog>
  );
}

const REASON_CHARS_MAX = 200;

/** What the change rests on. */
function Reason() {
  return <Field name="reason" label={texts().reason} max={REASON_CHARS_MAX} />;
}
