/** The media session over livekit-client. */

import { type ReadonlySignal, signal } from '@preact/signals';
import {
  ConnectionQuality,
  DisconnectReason,
  type LocalTrack,
  type Participant,
  Room,
  RoomEvent,
  Track,
  TrackEvent,
} from 'livekit-client';
import { Ear } from './ear.ts';
import type {
  Attendee,
  Device,
  EndReason,
  MediaSession,
  MediaState,
  Show,
} from './media_session.ts';

const CHANGES = [
  RoomEvent.ParticipantConnected,
  RoomEvent.ParticipantDisconnected,
  RoomEvent.TrackSubscribed,
  RoomEvent.TrackUnsubscribed,
  RoomEvent.TrackMuted,
  RoomEvent.TrackUnmuted,
  RoomEvent.LocalTrackPublished,
  RoomEvent.LocalTrackUnpublished,
  RoomEvent.ActiveSpeakersChanged,
  RoomEvent.ConnectionQualityChanged,
] as const;

export class LivekitSession implements MediaSession {
  readonly state: ReadonlySignal<MediaState>;
  readonly people: ReadonlySignal<readonly Attendee[]>;
  readonly silent: ReadonlySignal<boolean>;
  readonly interrupted: ReadonlySignal<boolean>;
  readonly deaf: ReadonlySignal<boolean>;
  readonly swaps: ReadonlySignal<number>;
  private readonly cutOff = signal(false);
  private readonly swapped = signal(0);
  private readonly ear = new Ear();
  private readonly at = signal<MediaState>({ at: 'idle' });
  private readonly seen = signal<readonly Attendee[]>([]);
  private readonly muted = signal(false);
  private readonly sounds = new Set<HTMLMediaElement>();
  private readonly room = new Room({ adaptiveStream: true, dynacast: true });

  constructor() {
    this.state = this.at;
    this.people = this.seen;
    this.silent = this.muted;
    this.interrupted = this.cutOff;
    this.deaf = this.ear.deaf;
    this.swaps = this.swapped;
    for (const change of CHANGES) this.room.on(change, () => this.look());
    this.room
      .on(RoomEvent.TrackSubscribed, (track) => {
        if (track.kind !== Track.Kind.Audio) return;
        const element = track.attach();
        this.sounds.add(element);
        document.body.append(element);
      })
      .on(RoomEvent.TrackUnsubscribed, (track) => {
        for (const element of track.detach()) this.quiet(element);
      })
      .on(RoomEvent.LocalTrackPublished, ({ track }) => track && this.watch(track))
      .on(RoomEvent.AudioPlaybackStatusChanged, () => {
        this.muted.value = !this.room.canPlaybackAudio;
      })
      .on(RoomEvent.SignalReconnecting, () => this.move({ at: 'resuming' }))
      .on(RoomEvent.Reconnecting, () => this.move({ at: 'resuming' }))
      .on(RoomEvent.Reconnected, () => this.move({ at: 'live' }))
      .on(RoomEvent.Disconnected, (reason) => this.ended(whyOf(reason)));
  }

  async join(url: string, token: string): Promise<void> {
    this.move({ at: 'joining' });
    try {
      await this.room.connect(url, token);
    } catch (error) {
      this.ended('lost');
      throw error;
    }
    this.move({ at: 'live' });
    this.muted.value = !this.room.canPlaybackAudio;
    this.look();
  }

  async leave(): Promise<void> {
    await this.room.disconnect();
    this.ended('left');
  }

  async set(device: Device, on: boolean, id?: string): Promise<void> {
    const { localParticipant: me } = this.room;
    const which = id ? { deviceId: id } : undefined;
    if (device === 'mic') await me.setMicrophoneEnabled(on, which);
    else await me.setCameraEnabled(on, which);
    this.look();
  }

  async share(on: boolean): Promise<void> {
    await this.room.localParticipant.setScreenShareEnabled(on, { audio: true });
    this.look();
  }

  async restore(): Promise<void> {
    for (const { track } of this.room.localParticipant.trackPublications.values()) {
      const live = track && !track.isMuted && isDevice(track);
      if (live) await (track as { restartTrack?(): Promise<void> }).restartTrack?.();
    }
    await this.room.startAudio();
    this.cutOff.value = false;
    this.look();
  }

  async unsilence(): Promise<void> {
    await this.room.startAudio();
  }

  /** The browser mutes a track whose device another application took, and unmutes it after. */
  private watch(track: LocalTrack): void {
    const listen = () => {
      const { mediaStreamTrack: media } = track;
      const isMic = track.source === Track.Source.Microphone;
      if (isMic) this.ear.listen(media);
      const changed = () => {
        if (media !== track.mediaStreamTrack || !isMic) return;
        this.cutOff.value = media.muted && !track.isMuted;
      };
      media.addEventListener('mute', changed);
      media.addEventListener('unmute', changed);
    };
    let ended = false;
    const restarted = () => {
      // Whoever pressed for a new device knows; a device that went away by itself is told.
      if (ended) this.swapped.value += 1;
      ended = false;
      listen();
    };
    track.on(TrackEvent.Ended, () => {
      ended = isDevice(track);
    });
    track.on(TrackEvent.Restarted, restarted);
    listen();
  }

  private move(to: MediaState): void {
    this.at.value = to;
  }

  private ended(why: EndReason): void {
    if (this.at.peek().at === 'over') return;
    for (const element of this.sounds) this.quiet(element);
    this.ear.stop();
    this.move({ at: 'over', why });
  }

  private quiet(element: HTMLMediaElement): void {
    element.remove();
    this.sounds.delete(element);
  }

  private look(): void {
    const others = Array.from(this.room.remoteParticipants.values()).sort(
      (a, b) => (b.lastSpokeAt?.getTime() ?? 0) - (a.lastSpokeAt?.getTime() ?? 0),
    );
    const { localParticipant: me } = this.room;
    this.ear.open = me.isMicrophoneEnabled;
    this.seen.value = [attendee(me, true), ...others.map((one) => attendee(one, false))];
  }
}

function attendee(one: Participant, me: boolean): Attendee {
  return {
    person: one.identity,
    name: one.name ?? '',
    me,
    mic: one.isMicrophoneEnabled,
    camera: one.isCameraEnabled,
    speaking: one.isSpeaking,
    weak:
      one.connectionQuality === ConnectionQuality.Poor ||
      one.connectionQuality === ConnectionQuality.Lost,
    show: shown(one, Track.Source.Camera),
    page: shown(one, Track.Source.ScreenShare),
  };
}

function shown(one: Participant, source: Track.Source): Show | null {
  const picture = one.getTrackPublication(source);
  const track = picture?.isMuted ? undefined : picture?.track;
  if (!track) return null;
  return (element) => {
    track.attach(element);
    return () => void track.detach(element);
  };
}

function isDevice(track: LocalTrack): boolean {
  return track.source === Track.Source.Microphone || track.source === Track.Source.Camera;
}

function whyOf(reason: DisconnectReason | undefined): EndReason {
  switch (reason) {
    case DisconnectReason.CLIENT_INITIATED:
      return 'left';
    case DisconnectReason.PARTICIPANT_REMOVED:
      return 'removed';
    case DisconnectReason.ROOM_DELETED:
      return 'ended';
    case DisconnectReason.DUPLICATE_IDENTITY:
      return 'otherDevice';
    default:
      return 'lost';
  }
}
