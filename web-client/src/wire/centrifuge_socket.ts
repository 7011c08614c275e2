/** The chat socket over npm `centrifuge`, JSON encoding. */

import { type ReadonlySignal, signal } from '@preact/signals';
import { Centrifuge, type Subscription, UnauthorizedError } from 'centrifuge';
import {
  CALL_LOST,
  CallFailed,
  type ChatSocket,
  type Follower,
  type Following,
  type InboxEvent,
  type Position,
  type SocketState,
} from './chat_socket.ts';
import type { LogEvent, Method, Params, Result } from './types.ts';

/** A village link needs several seconds for the first round trips. */
const TIMEOUT_MS = 10_000;
const RECONNECT_MS_MIN = 500;
const RECONNECT_MS_MAX = 20_000;
/** Codes below are the library's own: nothing was answered by the hub. */
const ANSWERED_CODE_MIN = 100;
const PERMISSION_DENIED = 103;

export interface SocketOptions {
  url: string;
  /** A fresh chat token; `null` when the session is over. Rejects when it could not be asked. */
  token(): Promise<string | null>;
}

export class CentrifugeSocket implements ChatSocket {
  readonly state: ReadonlySignal<SocketState>;
  private readonly at = signal<SocketState>({ at: 'idle' });
  private readonly client: Centrifuge;
  private readonly inbox = new Set<(event: InboxEvent) => void>();
  private readonly pushes = new Set<(data: unknown) => void>();

  constructor(options: SocketOptions) {
    this.state = this.at;
    this.client = new Centrifuge(options.url, {
      timeout: TIMEOUT_MS,
      minReconnectDelay: RECONNECT_MS_MIN,
      maxReconnectDelay: RECONNECT_MS_MAX,
      name: 'web',
      getToken: async () => {
        const token = await options.token();
        if (token === null) throw new UnauthorizedError('signed out');
        return token;
      },
    });
    this.client.on('connecting', () => this.move({ at: 'connecting' }));
    this.client.on('connected', () => this.move({ at: 'online' }));
    this.client.on('disconnected', ({ code }) =>
      this.move(code === 0 ? { at: 'idle' } : { at: 'ended', code }),
    );
    this.client.on('message', ({ data }) => {
      for (const listener of this.pushes) listener(data);
    });
    this.client.on('publication', ({ offset, data }) => {
      if (typeof offset !== 'number') return;
      for (const listener of this.inbox) listener({ seq: offset, event: data as LogEvent });
    });
  }

  connect(): void {
    this.client.connect();
  }

  close(): void {
    this.client.disconnect();
  }

  retry(): void {
    if (this.at.peek().at === 'connecting') this.client.disconnect();
    this.client.connect();
  }

  async call<M extends Method>(method: M, params: Params<M>): Promise<Result<M>> {
    try {
      const reply = await this.client.rpc(method, params);
      return reply.data as Result<M>;
    } catch (error) {
      throw callFailed(error);
    }
  }

  follow(channel: string, since: Position | null, follower: Follower): Following {
    const old = this.client.getSubscription(channel);
    if (old) this.client.removeSubscription(old);
    const subscription = this.client.newSubscription(channel, {
      ...(since ? { since } : {}),
      getState: () => follower.load(),
    });
    listen(subscription, follower);
    return this.started(subscription);
  }

  hear(channel: string, listener: (data: unknown) => void): Following {
    const known = this.client.getSubscription(channel);
    const subscription = known ?? this.client.newSubscription(channel);
    const heard = ({ data }: { data: unknown }) => listener(data);
    subscription.on('publication', heard);
    subscription.subscribe();
    return {
      stop: () => {
        subscription.removeListener('publication', heard);
        if (subscription.listeners('publication').length === 0) {
          this.client.removeSubscription(subscription);
        }
      },
    };
  }

  tell(data: object): void {
    this.client.send(data).catch(() => {});
  }

  async online(channel: string): Promise<number> {
    return (await this.client.presenceStats(channel)).numUsers;
  }

  private started(subscription: Subscription): Following {
    subscription.subscribe();
    return {
      stop: () => {
        subscription.removeAllListeners();
        this.client.removeSubscription(subscription);
      },
    };
  }

  onInbox(listener: (event: InboxEvent) => void): () => void {
    this.inbox.add(listener);
    return () => this.inbox.delete(listener);
  }

  onPush(listener: (data: unknown) => void): () => void {
    this.pushes.add(listener);
    return () => this.pushes.delete(listener);
  }

  private move(to: SocketState): void {
    this.at.value = to;
  }
}

function listen(subscription: Subscription, follower: Follower): void {
  subscription.on('publication', ({ offset, data }) => {
    if (typeof offset === 'number') follower.event(offset, data as LogEvent);
  });
  subscription.on('subscribed', () => follower.live(true));
  subscription.on('subscribing', () => follower.live(false));
  subscription.on('unsubscribed', ({ code }) => {
    follower.live(false);
    if (code >= PERMISSION_DENIED) follower.ended(code);
  });
}

function callFailed(error: unknown): CallFailed {
  const { code, message, temporary } = error as {
    code?: number;
    message?: string;
    temporary?: boolean;
  };
  if (typeof code !== 'number') return new CallFailed(CALL_LOST, 'lost', true);
  const retry = temporary === true || code < ANSWERED_CODE_MIN;
  return new CallFailed(code, wordOf(message ?? ''), retry);
}

/** The hub's message is the stable word of the refusal, a colon and a sentence. */
function wordOf(message: string): string {
  return message.split(':', 1)[0]?.trim() ?? '';
}
