"""Every error, close and unsubscribe code that the hub sends, and what the SDK makes of it."""

import uuid

from centrifuge import Filter, ReplyError

import support
from support import connected, some_channel, subscribed, subscription, token

TEMPORARY, TOKEN_EXPIRED = [100, 111], 109
FINAL = [101, 102, 103, 104, 105, 106, 107, 108, 110, 112]
CLOSES_BACK = [3001, 3004, 3005, 3006, 3008, 3012, 3013]
CLOSES_AWAY = [3500, 3501, 3502, 3506, 4500, 4501]
ENDS_FINAL, ENDS_BACK = [2100, 2101, 2102], [2500, 2501]


class Codes(support.HubTest):
    async def member(self, protobuf):
        user = str(uuid.uuid4())
        client = self.hub.client(protobuf, user)
        await connected(client)
        return client, user

    async def each(self, check):
        for protobuf in (False, True):
            with self.subTest(protobuf=protobuf):
                client, user = await self.member(protobuf)
                await check(client, user, protobuf)
                await client.disconnect()

    async def test_a_call_is_refused_with_its_code(self):
        async def check(client, _, protobuf):
            for code in [None, *TEMPORARY, TOKEN_EXPIRED, *FINAL]:
                if code is not None:
                    await self.hub.api("refuse", code=code)
                with self.assertRaises(ReplyError) as raised:
                    await client.rpc("none", support.payload({}, protobuf))
                self.assertEqual(raised.exception.code, code or 108)
                self.assertEqual(raised.exception.temporary, code in TEMPORARY)

        await self.each(check)

    async def test_a_subscribe_is_tried_again_after_a_passing_error_and_given_up_after_another(self):
        async def check(client, user, _):
            for code in [*TEMPORARY, TOKEN_EXPIRED]:
                fetched = []

                async def get_token(channel):
                    fetched.append(channel)
                    return token(sub=user, channel=channel)

                channel = some_channel()
                await self.hub.api("refuse", channel=channel, code=code, limit=2)
                await subscribed(subscription(client, channel, get_token=get_token))
                self.assertEqual(len(fetched), 3 if code == TOKEN_EXPIRED else 1)
            for code in FINAL:
                channel = some_channel()
                await self.hub.api("refuse", channel=channel, code=code)
                self.assertEqual(await self.ended(client, channel), code)

        await self.each(check)

    async def ended(self, client, channel, **options):
        made = subscription(client, channel, **options)
        await made.subscribe()
        return (await made.seen.next("unsubscribed")).code

    async def test_a_connect_is_tried_again_after_a_passing_error_and_given_up_after_another(self):
        for protobuf in (False, True):
            for code in [*TEMPORARY, TOKEN_EXPIRED, *FINAL]:
                with self.subTest(protobuf=protobuf, code=code):
                    await self.hub.api("refuse", code=code)

                    async def get_token():
                        return token(sub="a")

                    client = self.hub.client(protobuf, get_token=get_token)
                    await client.connect()
                    if code in FINAL:
                        self.assertEqual((await client.seen.next("disconnected")).code, code)
                    else:
                        await client.seen.next("connected")
                    await client.disconnect()

    async def test_what_the_hub_itself_refuses_has_the_code_of_the_table(self):
        async def forged(_):
            return "forged"

        async def check(client, user, protobuf):
            self.assertEqual(await self.ended(client, "unknown:a"), 102)
            self.assertEqual(await self.ended(client, "private"), 103)
            self.assertEqual(await self.ended(client, some_channel(), get_token=forged), 103)
            self.assertEqual(await self.ended(client, f"#{user}"), 105)
            self.assertEqual(await self.ended(client, "recovery:" + "a" * 256), 107)
            tags = Filter.eq("a", "b")
            self.assertEqual(await self.ended(client, some_channel(), tags_filter=tags), 107)
            with self.assertRaises(ReplyError) as raised:
                long = support.payload("x" * 64 * 1024, protobuf)
                await client.publish(some_channel(), long)
            self.assertEqual(raised.exception.code, 106)

        await self.each(check)

    async def test_after_a_close_the_client_comes_back_or_stays_away(self):
        for protobuf in (False, True):
            for code in [*CLOSES_BACK, *CLOSES_AWAY]:
                with self.subTest(protobuf=protobuf, code=code):
                    client, user = await self.member(protobuf)
                    await client.seen.next("connecting")
                    await self.hub.api("disconnect", user=user, code=code)
                    if code in CLOSES_BACK:
                        self.assertEqual((await client.seen.next("connecting")).code, code)
                        await client.seen.next("connected")
                    else:
                        context = await client.seen.next("disconnected")
                        self.assertEqual(context.code, code)
                        self.assertNotEqual(context.reason, "")
                    await client.disconnect()

    async def test_a_forged_token_closes_for_good(self):
        for protobuf in (False, True):
            client = self.hub.client(protobuf, token="forged")
            await client.connect()
            self.assertEqual((await client.seen.next("disconnected")).code, 3500)

    async def test_an_ended_subscription_stays_ended_or_comes_back(self):
        async def check(client, user, _):
            for code in [*ENDS_FINAL, *ENDS_BACK]:
                made = subscription(client, channel := some_channel())
                await subscribed(made)
                await made.seen.next("subscribing")
                await self.hub.api("unsubscribe", channel=channel, user=user, code=code)
                if code in ENDS_BACK:
                    self.assertEqual((await made.seen.next("subscribing")).code, code)
                    await made.seen.next("subscribed")
                else:
                    self.assertEqual((await made.seen.next("unsubscribed")).code, code)

        await self.each(check)

    async def test_a_hub_that_stops_is_come_back_to(self):
        for protobuf in (False, True):
            hub = support.Hub()
            client = hub.client(protobuf, "a")
            await connected(client)
            await client.seen.next("connecting")
            hub.stop()
            self.assertEqual((await client.seen.next("connecting")).code, 3001)
            await client.disconnect()

    async def test_bytes_that_are_no_json_close_a_json_connection_for_good(self):
        (reader, _), (writer, _) = await self.member(False), await self.member(True)
        channel = some_channel()
        await subscribed(subscription(reader, channel))
        writing = subscription(writer, channel)
        await subscribed(writing)
        await writing.publish(b"\x00\xff")
        self.assertEqual((await writing.seen.next("publication")).pub.data, b"\x00\xff")
        self.assertEqual((await reader.seen.next("disconnected")).code, 3506)
        await writer.disconnect()
