import type { ComponentChildren } from 'preact';
import type { PersonId, RoomId } from '../../wire/types.ts';

/** What every page of a leader is given. */
export interface LeadingProps {
  id: RoomId;
  me: PersonId;
  /** The room's title. */
  title: string;
  /** A party group is filled from its branch; a joint branch by telephone number. */
  group: boolean;
  strip: ComponentChildren;
}
