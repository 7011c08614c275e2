"""Connect, subscribe, recovery, history, presence and calls of the SDK, in both encodings."""

import asyncio
import uuid

from centrifuge import ReplyError, StreamPosition

import support
from support import connected, in_seconds, some_channel, subscribed, subscription, token

MISSED = [1, 200, 2_000, 20_000]
PAGE, AT_ONCE = 200, 200


async def publish(client, channel, count):
    for sent in range(0, count, AT_ONCE):
        batch = range(min(AT_ONCE, count - sent))
        await asyncio.gather(*(client.publish(channel, {"text": "值班\n二"}) for _ in batch))


class Recovery(support.HubTest):
    profile = "insecure"

    async def leave(self, channel, writer):
        """Readers that leave one after the other, so that each misses its number of events."""
        readers, top = [], 0
        for missed in reversed(MISSED):
            gap = max(MISSED) - missed - top
            await publish(writer, channel, gap)
            top += gap
            for protobuf in (False, True):
                client = self.hub.client(protobuf)
                made = subscription(client, channel)
                await connected(client)
                self.assertEqual((await subscribed(made)).stream_position.offset, top)
                await client.disconnect()
                readers.append((client, made, missed, top))
        await publish(writer, channel, max(MISSED) - top)
        return readers

    async def test_brings_every_missed_event_once_and_in_order_or_says_that_it_can_not(self):
        channel, last = some_channel(), max(MISSED)
        writer = self.hub.client(False, timeout=30)
        await connected(writer)
        for client, made, missed, top in await self.leave(channel, writer):
            await client.connect()
            context = await made.seen.next("subscribed")
            self.assertTrue(context.was_recovering)
            self.assertEqual(context.recovered, missed <= 2_000)
            wanted = list(range(top + 1, last + 1))
            if context.recovered:
                come = [(await made.seen.next("publication")).pub.offset for _ in wanted]
            else:
                self.assertEqual(context.stream_position.offset, last)
                come, epoch = [], context.stream_position.epoch
                while (since := come[-1] if come else top) < last:
                    position = StreamPosition(offset=since, epoch=epoch)
                    page = await made.history(limit=PAGE, since=position)
                    come += [publication.offset for publication in page.publications]
            self.assertEqual(come, wanted)
            self.assertTrue(made.seen.queue("publication").empty())
            await client.disconnect()
        await writer.disconnect()

    async def test_that_is_refused_asks_an_application_that_has_state_for_its_own(self):
        channel = some_channel("smallhistory")
        writer = self.hub.client(False)
        await connected(writer)
        await publish(writer, channel, 10)
        top = await writer.history(channel)
        for protobuf in (False, True):
            asked = []

            async def get_state(_):
                asked.append(_)
                return StreamPosition(offset=1 if len(asked) == 1 else top.offset, epoch=top.epoch)

            client = self.hub.client(protobuf)
            await connected(client)
            made = subscription(client, channel, get_state=get_state)
            self.assertTrue((await subscribed(made)).recovered)
            self.assertEqual(len(asked), 2)
            with self.assertRaises(ReplyError) as raised:
                await made.history(limit=1, since=StreamPosition(offset=0, epoch="another"))
            self.assertEqual(raised.exception.code, 112)
            await client.disconnect()
        await writer.disconnect()


class Members(support.HubTest):
    async def test_connect_are_refreshed_and_subscribed_by_the_server(self):
        for protobuf in (False, True):
            user, fetched = str(uuid.uuid4()), []

            async def get_token():
                # The first one ran out long ago (109), the second one soon will.
                fetched.append(user)
                left = {1: -60, 2: 2}.get(len(fetched), 600)
                return token(sub=user, exp=in_seconds(left))

            client = self.hub.client(protobuf, get_token=get_token)
            context = await connected(client)
            self.assertTrue(context.client and context.version)
            inbox = await client.seen.next("subscribed")
            self.assertEqual((inbox.channel, inbox.recoverable), (f"#{user}", True))
            async with asyncio.timeout(support.WAIT_SECONDS):
                while len(fetched) < 3:
                    with self.assertRaises(ReplyError):
                        await client.rpc("none", support.payload({}, protobuf))
            self.assertTrue(client.seen.queue("connected").empty())
            await client.disconnect()

    async def test_subscribe_publish_unsubscribe_page_back_and_see_each_other(self):
        for protobuf in (False, True):
            one, other, channel = str(uuid.uuid4()), str(uuid.uuid4()), some_channel()
            writer, reader = self.hub.client(protobuf, one), self.hub.client(protobuf, other)
            await connected(writer)
            await connected(reader)
            made = subscription(reader, channel, join_leave=True)
            await subscribed(made)
            writing = subscription(writer, channel)
            await subscribed(writing)
            await made.seen.next("join", lambda context: context.info.user == one)
            for number in range(1, 6):
                await writing.publish(support.payload({"text": f"党小组\n{number}"}, protobuf))
                pub = (await made.seen.next("publication")).pub
                text = support.read(pub.data, protobuf)["text"]
                self.assertEqual((text, pub.offset), (f"党小组\n{number}", number))
                self.assertEqual(pub.info.user, one)

            users = [client.user for client in (await made.presence()).clients.values()]
            self.assertEqual(sorted(users), sorted([one, other]))
            stats = await made.presence_stats()
            self.assertEqual((stats.num_clients, stats.num_users), (2, 2))

            top = await made.history()
            self.assertEqual((top.publications, top.offset), ([], 5))
            since = StreamPosition(offset=3, epoch=top.epoch)
            for asked, wanted in [
                ({"limit": -1}, [1, 2, 3, 4, 5]),
                ({"limit": 1, "since": since}, [4]),
                ({"limit": 2, "reverse": True}, [5, 4]),
                ({"limit": 2, "since": since, "reverse": True}, [2, 1]),
            ]:
                page = await made.history(**asked)
                self.assertEqual([pub.offset for pub in page.publications], wanted)

            await writing.unsubscribe()
            await made.seen.next("leave", lambda context: context.info.user == one)
            with self.assertRaises(ReplyError) as raised:
                await writer.publish(channel, support.payload({}, protobuf))
            self.assertEqual(raised.exception.code, 103)
            await writer.disconnect()
            await reader.disconnect()
