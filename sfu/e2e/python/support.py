"""An `sfu --dev` of its own on free ports, tokens for it, and participants that note what happens."""

import asyncio
import datetime
import json
import os
import socket
import subprocess

from livekit import api, rtc

KEY = "devkey"
SECRET = "devsecretdevsecretdevsecretdevsecret"
BINARY = os.environ["SFU_BINARY"]
# Servers that must end with the run; run.py kills them when a test hangs.
RUNNING = []


def free_port(kind):
    with socket.socket(socket.AF_INET, kind) as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Sfu:
    def __init__(self):
        self.http = f"127.0.0.1:{free_port(socket.SOCK_STREAM)}"
        self.media = f"127.0.0.1:{free_port(socket.SOCK_DGRAM)}"
        self.start()

    def start(self):
        """Returns when the door is open."""
        environment = {
            "SFU__HTTP__LISTEN": self.http,
            "SFU__MEDIA__LISTEN": self.media,
            "SFU__LOG__FORMAT": "json",
        }
        self.process = subprocess.Popen(
            [BINARY, "--dev"], env=os.environ | environment, stderr=subprocess.PIPE, text=True
        )
        RUNNING.append(self)
        for line in self.process.stderr:
            if '"serving"' in line:
                return
        raise RuntimeError("sfu ended")

    def stop(self, kill=False):
        self.process.kill() if kill else self.process.terminate()
        self.process.wait()
        self.process.stderr.close()
        RUNNING.remove(self)

    @property
    def url(self):
        return f"ws://{self.http}"

    def administration(self):
        return api.LiveKitAPI(f"http://{self.http}", KEY, SECRET)


def token(identity, room, **grant):
    grant = api.VideoGrants(room_join=True, room=room, **grant)
    made = api.AccessToken(KEY, SECRET).with_identity(identity).with_grants(grant)
    return made.with_ttl(datetime.timedelta(minutes=10)).to_jwt()


async def eventually(what, look, within=15):
    """Waits until `look` gives something true."""
    async with asyncio.timeout(within) as limit:
        try:
            while not (found := look()):
                await asyncio.sleep(0.02)
            return found
        except asyncio.CancelledError:
            if limit.expired():
                raise AssertionError(f"not within {within} s: {what}") from None
            raise


class Person:
    """A participant: what it got, and what it sends."""

    EVENTS = ["reconnecting", "reconnected", "disconnected", "participant_disconnected", "track_muted",
              "track_unmuted", "track_unpublished", "participant_metadata_changed",
              "participant_attributes_changed", "participant_name_changed", "room_metadata_changed"]

    def __init__(self, identity):
        self.identity = identity
        self.room = rtc.Room()
        self.happened = []
        self.data = []
        self.frames = {}
        self.loudest = {}
        self.tasks = set()
        for event in self.EVENTS:
            self.room.on(event, lambda *values, event=event: self.happened.append((event, values)))
        self.room.on("data_received", self.data.append)
        self.room.on("track_subscribed", self.watch)

    async def join(self, sfu, room, single=False, **grant):
        options = rtc.RoomOptions(single_peer_connection=single)
        await self.room.connect(sfu.url, token(self.identity, room, **grant), options)
        return self

    def go(self, work):
        task = asyncio.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def watch(self, track, _publication, participant):
        """Counts decoded frames of a picture and keeps the loudest sample of a sound."""

        async def picture():
            async for event in rtc.VideoStream(track):
                frame = event.frame
                key = participant.identity
                self.frames[key] = self.frames.get(key, 0) + (frame.width > 0)

        async def sound():
            async for event in rtc.AudioStream(track):
                loud = max(event.frame.data, default=0)
                key = participant.identity
                self.loudest[key] = max(self.loudest.get(key, 0), loud)

        self.go(picture() if track.kind == rtc.TrackKind.KIND_VIDEO else sound())

    async def publish(self):
        """Sends a moving picture and a tone."""
        camera, voice = rtc.VideoSource(320, 180), rtc.AudioSource(48_000, 1)
        person = self.room.local_participant
        picture = rtc.LocalVideoTrack.create_video_track("camera", camera)
        sound = rtc.LocalAudioTrack.create_audio_track("voice", voice)
        source = rtc.TrackSource
        self.camera = await person.publish_track(
            picture, rtc.TrackPublishOptions(source=source.SOURCE_CAMERA, simulcast=False)
        )
        self.voice = await person.publish_track(
            sound, rtc.TrackPublishOptions(source=source.SOURCE_MICROPHONE)
        )

        async def paint():
            shade = 0
            while True:
                shade = (shade + 9) % 256
                pixels = bytes([shade, 90, 255 - shade, 255]) * (320 * 180)
                kind = rtc.VideoBufferType.RGBA
                camera.capture_frame(rtc.VideoFrame(320, 180, kind, pixels))
                await asyncio.sleep(1 / 15)

        async def hum():
            wave = [8_000 if step // 50 % 2 else -8_000 for step in range(480)]
            samples = b"".join(value.to_bytes(2, "little", signed=True) for value in wave)
            while True:
                await voice.capture_frame(rtc.AudioFrame(samples, 48_000, 1, 480))

        self.go(paint())
        self.go(hum())

    def times(self, event):
        return sum(1 for name, _ in self.happened if name == event)

    async def leave(self):
        for task in list(self.tasks):
            task.cancel()
        await self.room.disconnect()

    def __repr__(self):
        return json.dumps([self.identity, [name for name, _ in self.happened], self.frames])
