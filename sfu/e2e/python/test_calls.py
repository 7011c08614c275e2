"""Two people of the public Python SDK on the media server: what they see, hear and tell each other."""

import unittest

from livekit import api, rtc

from support import Person, Sfu, eventually


class Calls(unittest.IsolatedAsyncioTestCase):
    @classmethod
    def setUpClass(cls):
        cls.sfu = Sfu()

    @classmethod
    def tearDownClass(cls):
        cls.sfu.stop()

    async def two(self, single=False, publish=False, **grant):
        room = self.id()
        people = [Person("li"), Person("wang")]
        for person in people:
            await person.join(self.sfu, room, single, **grant)
            self.addAsyncCleanup(person.leave)
            if publish:
                await person.publish()
        return people

    async def flows(self, people):
        """Each gets new decoded frames of the other and hears it."""
        for one, other in (people, people[::-1]):
            before = one.frames.get(other.identity, 0)
            one.loudest.clear()
            await eventually(f"{one} sees {other.identity}",
                             lambda: one.frames.get(other.identity, 0) > before + 10, 30)
            await eventually(f"{one} hears {other.identity}",
                             lambda: one.loudest.get(other.identity, 0) > 1_000)

    async def test_both_see_and_hear_each_other(self):
        for single in (False, True):
            with self.subTest(single=single):
                people = await self.two(single, publish=True)
                await self.flows(people)
                for person in people:
                    await person.leave()

    async def test_data_arrives_whole_and_only_where_it_is_addressed(self):
        li, wang = await self.two()
        zhao = await Person("zhao").join(self.sfu, self.id())
        self.addAsyncCleanup(zhao.leave)
        say = li.room.local_participant.publish_data
        long = bytes(range(256)) * 240
        await say(long, topic="long")
        await say("small", reliable=False, topic="lossy")
        await say("for wang", destination_identities=["wang"])
        await say("end")
        for person, expected in ((wang, 4), (zhao, 3)):
            await eventually("data", lambda: len(person.data) >= expected)
            self.assertEqual(len(person.data), expected)
            self.assertTrue(all(packet.participant.identity == "li" for packet in person.data))
        got = {packet.topic: packet.data for packet in wang.data}
        self.assertEqual(got["long"], long)
        self.assertEqual(li.data, [])

    async def test_texts_files_and_calls_pass_through(self):
        li, wang = await self.two()
        texts, files = [], []
        wang.room.register_text_stream_handler(
            "text", lambda reader, _: wang.go(self.keep(reader.read_all(), texts)))

        async def gather(reader):
            return b"".join([chunk async for chunk in reader])

        wang.room.register_byte_stream_handler(
            "file", lambda reader, _: wang.go(self.keep(gather(reader), files)))
        text, file = "连心" * 20_000, bytes(range(256)) * 400
        await li.room.local_participant.send_text(text, topic="text")
        writer = await li.room.local_participant.stream_bytes("a.bin", topic="file")
        await writer.write(file)
        await writer.aclose()
        await eventually("the text", lambda: texts)
        await eventually("the file", lambda: files)
        self.assertEqual((texts[0] == text, files[0] == file), (True, True))

        async def answer(call):
            return f"{call.caller_identity}: {len(call.payload)}"

        wang.room.local_participant.register_rpc_method("count", answer)
        call = li.room.local_participant.perform_rpc
        counted = await call(destination_identity="wang", method="count", payload="x" * 10_000)
        self.assertEqual(counted, "li: 10000")
        with self.assertRaises(rtc.RpcError):
            await call(destination_identity="wang", method="none", payload="")

    @staticmethod
    async def keep(work, into):
        into.append(await work)

    async def test_name_metadata_and_attributes_reach_the_other(self):
        li, wang = await self.two(can_update_own_metadata=True)
        own = li.room.local_participant
        await own.set_metadata("m")
        await own.set_name("李")
        await own.set_attributes({"hand": "up"})
        other = wang.room.remote_participants["li"]
        await eventually("all three", lambda: (other.metadata, other.name, other.attributes)
                         == ("m", "李", {"hand": "up"}))

    async def test_what_is_not_granted_is_refused(self):
        li, wang = await self.two(can_publish=False, can_publish_data=False)
        await li.room.local_participant.set_metadata("m")
        await li.room.local_participant.publish_data("no")
        async with self.sfu.administration() as admin:
            await admin.room.send_data(api.SendDataRequest(room=self.id(), data=b"yes"))
        await eventually("the administrator's word", lambda: wang.data)
        self.assertEqual([packet.data for packet in wang.data], [b"yes"])
        self.assertEqual(wang.room.remote_participants["li"].metadata, "")

    async def test_mute_by_oneself_and_by_the_administrator(self):
        li, wang = await self.two(publish=True)
        await self.flows([li, wang])
        li.voice.track.mute()
        await eventually("muted", lambda: wang.times("track_muted") == 1)
        li.voice.track.unmute()
        await eventually("unmuted", lambda: wang.times("track_unmuted") == 1)
        async with self.sfu.administration() as admin:
            request = api.MuteRoomTrackRequest(
                room=self.id(), identity="li", track_sid=li.camera.sid, muted=True)
            answer = await admin.room.mute_published_track(request)
        self.assertTrue(answer.track.muted)
        await eventually("muted by another", lambda: wang.times("track_muted") == 2)
        await li.room.local_participant.unpublish_track(li.camera.sid)
        await eventually("unpublished", lambda: wang.times("track_unpublished") == 1)

    async def test_the_publisher_says_who_may_have_its_tracks(self):
        li = await Person("li").join(self.sfu, self.id())
        self.addAsyncCleanup(li.leave)
        allow = li.room.local_participant.set_track_subscription_permissions
        allow(allow_all_participants=False, participant_permissions=[])
        await li.publish()
        wang = await Person("wang").join(self.sfu, self.id())
        self.addAsyncCleanup(wang.leave)
        await eventually("the record", lambda: len(
            wang.room.remote_participants["li"].track_publications) == 2)
        self.assertEqual(wang.frames, {})
        allow(allow_all_participants=True)
        await eventually("the picture", lambda: wang.frames.get("li", 0) > 5)

    async def test_a_removed_participant_is_told_and_gone(self):
        li, wang = await self.two()
        async with self.sfu.administration() as admin:
            people = await admin.room.list_participants(
                api.ListParticipantsRequest(room=self.id()))
            self.assertEqual({one.identity for one in people.participants}, {"li", "wang"})
            await admin.room.update_room_metadata(
                api.UpdateRoomMetadataRequest(room=self.id(), metadata="agenda"))
            await eventually("the room's record", lambda: wang.room.metadata == "agenda")
            await admin.room.remove_participant(
                api.RoomParticipantIdentity(room=self.id(), identity="li"))
        await eventually("told", lambda: li.times("disconnected"))
        reasons = [values[0] for name, values in li.happened if name == "disconnected"]
        self.assertEqual(reasons, [rtc.DisconnectReason.PARTICIPANT_REMOVED])
        await eventually("gone", lambda: wang.times("participant_disconnected") == 1)

    async def test_faults_on_request_are_survived(self):
        scenario = rtc.SimulateScenarioKind
        for kind in (scenario.SIMULATE_SIGNAL_RECONNECT, scenario.SIMULATE_FULL_RECONNECT,
                     scenario.SIMULATE_NODE_FAILURE, scenario.SIMULATE_MIGRATION):
            with self.subTest(kind=kind):
                li, wang = await self.two(publish=True)
                await self.flows([li, wang])
                await li.room.simulate_scenario(kind)
                await eventually("reconnected", lambda: li.times("reconnected") == 1, 30)
                await self.flows([li, wang])
                for person in (li, wang):
                    await person.leave()

    async def test_a_killed_media_server_that_starts_again_has_both_back(self):
        people = await self.two(publish=True)
        await self.flows(people)
        self.sfu.stop(kill=True)
        self.sfu.start()
        for person in people:
            await eventually(f"{person} is back", lambda: person.times("reconnected") == 1, 45)
        await self.flows(people)
