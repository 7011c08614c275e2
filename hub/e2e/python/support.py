"""The hub in conformance mode, its interface for suites, and SDK clients with events to wait for."""

import asyncio
import base64
import hashlib
import hmac
import json
import os
import re
import subprocess
import time
import unittest
import urllib.request
import uuid

from centrifuge import Client, ClientEventHandler, SubscriptionEventHandler

WAIT_SECONDS = 20


RUNNING = set()


class Hub:
    """A hub on a free port, from `HUB_BIN` and on `STORE`."""

    def __init__(self, profile="jwt"):
        store = os.environ.get("STORE", "memory")
        options = ["--profile", profile, "--store", store, "--listen", "127.0.0.1:0"]
        self.process = subprocess.Popen(
            [os.environ["HUB_BIN"], "conformance", *options], stdout=subprocess.PIPE, text=True
        )
        RUNNING.add(self)
        for line in self.process.stdout:
            if found := re.match(r"conformance mode on http://(.*)/$", line):
                self.address = found[1]
                return
        raise RuntimeError("the hub ended before it served")

    def stop(self):
        RUNNING.discard(self)
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()

    async def api(self, name, **body):
        def call():
            headers = {"content-type": "application/json", "x-api-key": "test-api-key"}
            url = f"http://{self.address}/api/{name}"
            request = urllib.request.Request(url, json.dumps(body).encode(), headers)
            with urllib.request.urlopen(request) as answer:
                return json.load(answer)

        answer = await asyncio.to_thread(call)
        if "error" in answer:
            raise RuntimeError(f"{name}: {answer['error']}")
        return answer["result"]

    def client(self, protobuf, user=None, **options):
        """A client with its events in `client.seen`; of the user, where one is given."""
        if user is not None:
            options.setdefault("token", token(sub=user))
        events = Events()
        url = f"ws://{self.address}/connection/websocket"
        client = Client(
            url, events=events, use_protobuf=protobuf, proxy=None, min_reconnect_delay=0.01,
            max_reconnect_delay=0.1, **options
        )
        client.seen = events
        return client


class Seen:
    """What happened, by kind, in order."""

    def __init__(self):
        self.queues = {}

    def queue(self, kind):
        return self.queues.setdefault(kind, asyncio.Queue())

    async def next(self, kind, fits=lambda _: True):
        async with asyncio.timeout(WAIT_SECONDS):
            while not fits(context := await self.queue(kind).get()):
                pass
            return context


def noted(kind):
    async def note(self, context):
        self.queue(kind).put_nowait(context)

    return note


KINDS = "connecting connected disconnected subscribing subscribed unsubscribed publication join leave error"


class Events(Seen, ClientEventHandler):
    """Of a client."""


class SubscriptionEvents(Seen, SubscriptionEventHandler):
    """Of a subscription."""


for kind in KINDS.split():
    setattr(Events, f"on_{kind}", noted(kind))
    setattr(SubscriptionEvents, f"on_{kind}", noted(kind))


def subscription(client, channel, **options):
    """A subscription with its events in `subscription.seen`."""
    events = SubscriptionEvents()
    made = client.new_subscription(
        channel, events=events, min_resubscribe_delay=0.01, max_resubscribe_delay=0.1, **options
    )
    made.seen = events
    return made


async def connected(client):
    await client.connect()
    return await client.seen.next("connected")


async def subscribed(made):
    await made.subscribe()
    return await made.seen.next("subscribed")


def token(**claims):
    """A token of the profile `jwt`."""
    parts = [{"alg": "HS256", "typ": "JWT"}, claims]
    text = lambda raw: base64.urlsafe_b64encode(raw).rstrip(b"=")
    signed = b".".join(text(json.dumps(part).encode()) for part in parts)
    return b".".join([signed, text(hmac.digest(b"secret", signed, hashlib.sha256))]).decode()


def in_seconds(seconds):
    return int(time.time()) + seconds


def some_channel(namespace="recovery"):
    return f"{namespace}:{uuid.uuid4()}"


def payload(value, protobuf):
    return json.dumps(value).encode() if protobuf else value


def read(data, protobuf):
    return json.loads(data) if protobuf else data


class HubTest(unittest.IsolatedAsyncioTestCase):
    """Tests with one hub for all of them."""

    profile = "jwt"

    async def asyncSetUp(self):
        # 20,000 events in debug mode take minutes.
        asyncio.get_running_loop().set_debug(False)

    @classmethod
    def setUpClass(cls):
        cls.hub = Hub(cls.profile)

    @classmethod
    def tearDownClass(cls):
        cls.hub.stop()
