/** The pages behind a room, for who leads it; loaded with the first of them. */

import { AddPage } from './features/leading/AddPage.tsx';
import { InvitePage } from './features/leading/InvitePage.tsx';
import { JoinsPage } from './features/leading/JoinsPage.tsx';
import { LeaderPage } from './features/leading/LeaderPage.tsx';
import { ParticipationPage } from './features/leading/ParticipationPage.tsx';
import type { LeadingProps } from './features/leading/props.ts';
import { NotFoundPage } from './features/pages/NotFoundPage.tsx';

const pages = {
  info: LeaderPage,
  invite: InvitePage,
  joins: JoinsPage,
  add: AddPage,
  participation: ParticipationPage,
};

export function Leaders({ page, ...props }: LeadingProps & { page: string }) {
  const View = pages[page as keyof typeof pages] ?? NotFoundPage;
  return <View key={`${page} ${props.id}`} {...props} />;
}
