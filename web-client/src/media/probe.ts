/** Whether this network lets a call through: a short visit to a room in which nobody else is. */

import { Room, RoomEvent } from 'livekit-client';
import type { CallTicket } from '../wire/types.ts';

/**
 * `direct` – by UDP. `detour` – by TCP or a relay: works, with more delay. `signs` – the media server
 * answers on its WebSocket, sound and pictures do not come through. `nothing` – it does not answer.
 */
export type Way = 'direct' | 'detour' | 'signs' | 'nothing';

/** The longest a check takes. */
const CHECK_MS_MAX = 10_000;

export async function probe(ticket: CallTicket): Promise<Way> {
  const room = new Room();
  let greeted = false;
  room.on(RoomEvent.SignalConnected, () => {
    greeted = true;
  });
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tooLong = new Promise<never>((_, no) => {
    timer = setTimeout(() => no(new Error('too long')), CHECK_MS_MAX);
  });
  try {
    await Promise.race([room.connect(ticket.url, ticket.token), tooLong]);
    return (await isDirect(room)) ? 'direct' : 'detour';
  } catch {
    return greeted ? 'signs' : 'nothing';
  } finally {
    clearTimeout(timer);
    void room.disconnect();
  }
}

interface Report {
  id: string;
  type: string;
  state?: string;
  nominated?: boolean;
  localCandidateId?: string;
  protocol?: string;
  candidateType?: string;
}

async function isDirect(room: Room): Promise<boolean> {
  const { pcManager } = room.engine;
  const transport = pcManager?.subscriber ?? pcManager?.publisher;
  const stats = await transport?.getStats();
  const reports = new Map<string, Report>();
  stats?.forEach((report: Report) => void reports.set(report.id, report));
  const used = Array.from(reports.values()).find(
    (one) => one.type === 'candidate-pair' && one.nominated && one.state === 'succeeded',
  );
  const local = reports.get(used?.localCandidateId ?? '');
  // A browser that does not say so is taken for a good one: sound does come through.
  return local ? local.protocol === 'udp' && local.candidateType !== 'relay' : true;
}
