// What the tests call in a page: one room, its events, and what is really heard and seen.
const { Room, RoomEvent, Track, setLogLevel } = window.LivekitClient;
setLogLevel('debug');

window.events = [];
window.received = [];

const peers = [];
const Native = window.RTCPeerConnection;
window.RTCPeerConnection = class extends Native {
  constructor(...options) {
    super(...options);
    peers.push(this);
  }
};

// As in a network that lets no UDP through: no such address is ever tried.
window.withoutUdp = () => {
  const isUdp = (candidate) => / udp /i.test(candidate ?? '');
  const { setRemoteDescription, addIceCandidate } = Native.prototype;
  Native.prototype.setRemoteDescription = function (description) {
    const lines = description.sdp.split('\r\n');
    const kept = lines.filter((line) => !line.startsWith('a=candidate:') || !isUdp(line));
    return setRemoteDescription.call(this, { type: description.type, sdp: kept.join('\r\n') });
  };
  Native.prototype.addIceCandidate = function (candidate) {
    return isUdp(candidate?.candidate) ? Promise.resolve() : addIceCandidate.call(this, candidate);
  };
};

// What the media goes over, for each connection.
window.protocols = async () => {
  const found = [];
  for (const peer of peers) {
    const stats = await peer.getStats();
    for (const report of stats.values()) {
      if (report.type !== 'transport' || !report.selectedCandidatePairId) continue;
      const pair = stats.get(report.selectedCandidatePairId);
      found.push(stats.get(pair.localCandidateId).protocol);
    }
  }
  return found;
};

// Joins and shows whatever arrives.
window.join = async (url, token, options = {}, connect = {}) => {
  const room = new Room(options);
  window.room = room;
  const note = (name) => (...args) =>
    window.events.push([name, ...args.map((a) => a?.identity ?? a?.sid ?? a).filter((a) => typeof a !== 'object')]);
  for (const name of ['Connected', 'Reconnecting', 'SignalReconnecting', 'Reconnected', 'Disconnected',
    'ParticipantConnected', 'ParticipantDisconnected', 'TrackMuted', 'TrackUnmuted', 'TrackUnsubscribed',
    'RoomMetadataChanged', 'ParticipantMetadataChanged', 'MediaDevicesError']) {
    room.on(RoomEvent[name], note(name));
  }
  room.on(RoomEvent.TrackSubscribed, (track, publication, participant) => {
    window.events.push(['TrackSubscribed', participant.identity, track.kind]);
    document.body.append(track.attach());
  });
  room.on(RoomEvent.ActiveSpeakersChanged, (speakers) =>
    window.events.push(['Speakers', ...speakers.map((speaker) => speaker.identity)]));
  room.on(RoomEvent.DataReceived, (payload, participant, _, topic) =>
    window.received.push([participant?.identity ?? '', topic ?? '', new TextDecoder().decode(payload)]));
  await room.connect(url, token, connect);
  return room.localParticipant.sid;
};

// Camera and microphone on. The page owns the devices: a fake camera that two pages give back and
// open again at once may never deliver a frame.
window.publish = async (options = {}) => {
  const me = window.room.localParticipant;
  const stream = await navigator.mediaDevices.getUserMedia({
    audio: true,
    video: { width: 640, height: 360, frameRate: 15 },
  });
  for (const track of stream.getTracks()) {
    const source = track.kind === 'audio' ? Track.Source.Microphone : Track.Source.Camera;
    await me.publishTrack(track, { source, ...(track.kind === 'video' ? options : {}) });
  }
  return [...me.trackPublications.values()].map((publication) => publication.trackSid);
};

// What arrives of `identity`, summed over its tracks.
window.seen = async (identity) => {
  const sums = { frames: 0, energy: 0, width: 0, audioPackets: 0, videoPackets: 0, audioLost: 0 };
  const participant = window.room.getParticipantByIdentity(identity);
  for (const publication of participant?.trackPublications.values() ?? []) {
    const stats = await publication.track?.receiver?.getStats();
    for (const report of stats?.values() ?? []) {
      if (report.type !== 'inbound-rtp') continue;
      if (publication.kind === Track.Kind.Video) {
        sums.frames += report.framesDecoded ?? 0;
        sums.videoPackets += report.packetsReceived ?? 0;
        sums.width = report.frameWidth ?? sums.width;
      } else {
        sums.energy += report.totalAudioEnergy ?? 0;
        sums.audioPackets += report.packetsReceived ?? 0;
        sums.audioLost += report.packetsLost ?? 0;
      }
    }
  }
  return sums;
};

// Data to everybody, or to the named.
window.sendData = (text, options = {}) =>
  window.room.localParticipant.publishData(new TextEncoder().encode(text), options);
