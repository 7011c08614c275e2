//! Between the words of the rooms (`signaling::media::plane`) and those of the media core.

use std::collections::HashMap;

use sfu_core as core;
use sfu_core::{Command, Event};
use signaling::media::plane::{
    ChannelKind, CodecKind, DtlsRole, Extension, Incoming, LocalTransport, MediaKind, Order,
    Outgoing, ParticipantKey, Payload, PeerId, PeerRole, RemoteTransport, Report, RoomKey, TrackId,
};

/// Translates; it remembers which transport of a pair a track's layers belong to, nothing else.
#[derive(Debug, Default)]
pub struct Translator {
    wishes: HashMap<(u64, u64), core::Wish>,
}

impl Translator {
    /// The commands of one order.
    pub fn commands(&mut self, order: Order) -> Vec<Command> {
        match order {
            Order::OpenRoom { room } => vec![Command::OpenRoom(core::RoomId(room.0))],
            Order::CloseRoom { room } => vec![Command::CloseRoom(core::RoomId(room.0))],
            Order::OpenParticipant { room, participant } => vec![Command::OpenParticipant {
                room: core::RoomId(room.0),
                participant: core::ParticipantId(participant.0),
            }],
            Order::CloseParticipant { participant } => {
                vec![Command::CloseParticipant(core::ParticipantId(participant.0))]
            }
            Order::OpenPeer { participant, peer, role, local } => {
                open_peer(participant, peer, role, &local)
            }
            Order::ConnectPeer { peer, remote } => {
                vec![Command::Connect { peer: peer_id(peer), remote: remote_of(remote) }]
            }
            Order::RestartPeer { peer, local } => {
                vec![Command::RestartIce { peer: peer_id(peer), ice: credentials(&local) }]
            }
            Order::Publish { peer, track, incoming } => receive(peer, track, &incoming)
                .map(|media| Command::Receive { peer: peer_id(peer), media })
                .into_iter()
                .collect(),
            Order::Unpublish { track } => {
                self.wishes.retain(|(_, known), _| *known != track.0);
                vec![Command::EndTrack(track_id(track))]
            }
            Order::Mute { track, muted } => vec![Command::Mute { track: track_id(track), muted }],
            Order::Subscribe { peer, track, outgoing } => send(track, &outgoing)
                .map(|media| Command::Send { peer: peer_id(peer), media })
                .into_iter()
                .collect(),
            Order::Unsubscribe { peer, track } => {
                self.wishes.remove(&(peer.0, track.0));
                vec![Command::EndSend { peer: peer_id(peer), track: track_id(track) }]
            }
            Order::Wish { peer, track, layer } => self.want(peer, track, layer),
            Order::Send { peer, channel, message } => vec![Command::SendData {
                peer: peer_id(peer),
                label: channel.label().to_owned(),
                data: message,
            }],
        }
    }

    fn want(&mut self, peer: PeerId, track: TrackId, layer: Option<u8>) -> Vec<Command> {
        let wish = core::Wish {
            paused: layer.is_none(),
            layer_max: layer.unwrap_or(core::Wish::ALL.layer_max),
            ..core::Wish::ALL
        };
        let known = self.wishes.insert((peer.0, track.0), wish).unwrap_or(core::Wish::ALL);
        if known == wish {
            return Vec::new();
        }
        vec![Command::Want { peer: peer_id(peer), track: track_id(track), wish }]
    }
}

/// The report of one event; `None` for what the rooms need not know.
pub fn report(event: Event) -> Option<Report> {
    match event {
        Event::Peer { peer, state: core::PeerState::Connected } => {
            Some(Report::Connected { peer: PeerId(peer.0) })
        }
        Event::Peer { peer, state: core::PeerState::Lost | core::PeerState::Gone(_) } => {
            Some(Report::Lost { peer: PeerId(peer.0) })
        }
        Event::LayersWanted { track, layer_max } => {
            Some(Report::LayersWanted { track: TrackId(track.0), layer_max })
        }
        Event::Stream { peer, track, paused } => {
            Some(Report::Stream { peer: PeerId(peer.0), track: TrackId(track.0), paused })
        }
        Event::Speakers { room, speakers } => Some(Report::Speakers {
            room: RoomKey(room.0),
            speakers: speakers
                .iter()
                .map(|one| (ParticipantKey(one.participant.0), one.level, one.active))
                .collect(),
        }),
        Event::Data { peer, label, data } => Some(Report::Data {
            peer: PeerId(peer.0),
            channel: ChannelKind::labelled(&label)?,
            message: data,
        }),
        // A receiver whose backlog is full loses its session and joins anew.
        Event::DataStalled(peer) => Some(Report::Lost { peer: PeerId(peer.0) }),
        Event::Refused { command, reason } => {
            tracing::debug!(command, %reason, "the media core refused a command");
            None
        }
        Event::Peer { .. }
        | Event::TrackStarted { .. }
        | Event::ChannelOpened { .. }
        | Event::Stats(_) => None,
    }
}

const fn peer_id(peer: PeerId) -> core::PeerId {
    core::PeerId(peer.0)
}

const fn track_id(track: TrackId) -> core::TrackId {
    core::TrackId(track.0)
}

fn credentials(local: &LocalTransport) -> core::IceCredentials {
    core::IceCredentials { ufrag: local.ufrag.clone(), pwd: local.password.clone() }
}

fn open_peer(
    participant: ParticipantKey,
    peer: PeerId,
    role: PeerRole,
    local: &LocalTransport,
) -> Vec<Command> {
    let mut commands = vec![Command::OpenPeer {
        participant: core::ParticipantId(participant.0),
        peer: peer_id(peer),
        ice: credentials(local),
        protection: core::Protection::DtlsSrtp,
    }];
    if role == PeerRole::Subscriber {
        for (channel, delivery) in [
            (ChannelKind::Reliable, core::Delivery::Reliable),
            (ChannelKind::Lossy, core::Delivery::Lossy),
        ] {
            commands.push(Command::OpenChannel {
                peer: peer_id(peer),
                label: channel.label().to_owned(),
                delivery,
            });
        }
    }
    commands
}

fn remote_of(remote: RemoteTransport) -> core::Remote {
    core::Remote {
        ice: core::IceCredentials { ufrag: remote.ufrag, pwd: remote.password },
        fingerprint: core::Fingerprint(remote.fingerprint),
        role: match remote.role {
            DtlsRole::Client => core::DtlsRole::WeStart,
            DtlsRole::Server => core::DtlsRole::PeerStarts,
        },
    }
}

fn format(payload: Payload, transport_cc: bool) -> core::Format {
    core::Format {
        codec: match payload.codec {
            CodecKind::Opus => core::Codec::Opus,
            CodecKind::Pcmu => core::Codec::Pcmu,
            CodecKind::Pcma => core::Codec::Pcma,
            CodecKind::Vp8 => core::Codec::Vp8,
            CodecKind::H264(_) => core::Codec::H264,
            CodecKind::Vp9 => core::Codec::Vp9,
            CodecKind::Av1 => core::Codec::Av1,
        },
        payload_type: payload.number,
        rtx: payload.rtx,
        nack: payload.codec.media() == MediaKind::Video,
        transport_cc,
    }
}

fn extensions(negotiated: &[(u8, Extension)]) -> core::Extensions {
    let mut extensions = core::Extensions::default();
    for (id, extension) in negotiated {
        let place = match extension {
            Extension::AudioLevel => &mut extensions.audio_level,
            Extension::AbsSendTime => &mut extensions.abs_send_time,
            Extension::TransportCc => &mut extensions.transport_cc,
            Extension::Mid => &mut extensions.mid,
            Extension::Rid => &mut extensions.rid,
            Extension::RepairedRid => &mut extensions.repaired_rid,
            Extension::DependencyDescriptor => &mut extensions.dependency_descriptor,
        };
        *place = Some(*id);
    }
    extensions
}

fn receive(peer: PeerId, track: TrackId, incoming: &Incoming) -> Option<core::Receive> {
    let extensions = extensions(&incoming.extensions);
    let transport_cc = extensions.transport_cc.is_some();
    let Some(mid) = core::Token::new(&incoming.mid) else {
        tracing::debug!(peer.id = peer.0, "a section has an unusable mid");
        return None;
    };
    Some(core::Receive {
        track: track_id(track),
        mid,
        formats: incoming.payloads.iter().map(|payload| format(*payload, transport_cc)).collect(),
        extensions,
        rids: incoming.rids.iter().filter_map(|rid| core::Token::new(rid)).collect(),
        ssrcs: incoming
            .ssrcs
            .iter()
            .map(|(media, rtx)| core::Ssrcs { media: *media, rtx: *rtx })
            .collect(),
    })
}

fn send(track: TrackId, outgoing: &Outgoing) -> Option<core::Send> {
    let extensions = extensions(&outgoing.extensions);
    let rtx = (outgoing.rtx_ssrc != 0).then_some(outgoing.rtx_ssrc);
    Some(core::Send {
        track: track_id(track),
        mid: core::Token::new(&outgoing.mid)?,
        formats: vec![format(outgoing.payload, extensions.transport_cc.is_some())],
        extensions,
        ssrcs: core::Ssrcs { media: outgoing.ssrc, rtx },
        wish: core::Wish::ALL,
    })
}
