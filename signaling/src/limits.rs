//! Every cap of the product, with the unit in the name. What happens at a cap is written beside it.

/// One inbound WebSocket frame before the connect reply; a longer one closes the socket (3501).
pub const FRAME_BEFORE_CONNECT_BYTES_MAX: usize = 128 * 1024;
/// One inbound WebSocket frame of a connected client; a longer one closes the socket (3501).
pub const FRAME_BYTES_MAX: usize = 256 * 1024;
/// The body of one command; a longer one is answered by error 106.
pub const COMMAND_BYTES_MAX: usize = 64 * 1024;
/// Time from the open socket to the connect command; later the socket is closed (3502).
pub const CONNECT_DELAY_MS_MAX: u64 = 30_000;
/// Interval of the application ping.
pub const PING_INTERVAL_MS: u64 = 25_000;
/// Time to wait for a pong; then the socket is closed (3012).
pub const PONG_DELAY_MS_MAX: u64 = 10_000;
/// Time after its token's end in which a connection may still refresh; then it is closed (3005).
pub const EXPIRY_GRACE_MS: u64 = 25_000;
/// A reply leaves within this time; SDKs give up at 5 s.
pub const REPLY_DELAY_MS_MAX: u64 = 4_500;
/// Subscriptions of one connection; more are answered by error 106.
pub const SUBSCRIPTIONS_MAX: usize = 256;
/// Bytes of a channel name; a longer one is answered by error 107.
pub const CHANNEL_BYTES_MAX: usize = 255;
/// Sustained commands of one connection per second; above it error 111, and after a burst of these
/// errors the socket is closed (3013).
pub const COMMANDS_PER_SECOND: u32 = 50;
/// Commands a connection may send at once, a reconnect with all its subscribes included.
pub const COMMANDS_BURST: u32 = 600;
/// Commands of one connection under way at once; more are answered by error 111. As many may wait
/// for the connect reply; more close the socket (3013).
pub const COMMANDS_UNDER_WAY_MAX: usize = 320;
/// Bytes of the commands of one connection under way; above it error 111.
pub const COMMANDS_UNDER_WAY_BYTES_MAX: usize = 1024 * 1024;
/// Bytes of the commands of one connection that wait for a connect or subscribe reply; more close
/// the socket (3013) or are answered by error 111.
pub const COMMANDS_WAITING_BYTES_MAX: usize = 256 * 1024;

/// Frames waiting in the outbox of a connection; at the cap the subscription lags.
pub const OUTBOX_FRAMES_MAX: usize = 2_000;
/// Bytes owned by the outbox of a connection; at the cap the subscription lags.
pub const OUTBOX_BYTES_MAX: usize = 256 * 1024;
/// Time without progress of a full outbox; then the socket is closed (3008).
pub const OUTBOX_STALL_MS_MAX: u64 = 10_000;
/// Subscriptions of one connection that read from the log at once.
pub const CATCH_UPS_PER_CONNECTION_MAX: usize = 8;

/// Events in a subscribe reply that recovers.
pub const RECOVERY_REPLY_EVENTS_MAX: usize = 200;
/// Missed events that are still pushed one by one; beyond, the client loads pages.
pub const RECOVERY_EVENTS_MAX: u64 = 2_000;
/// Events of one history reply.
pub const HISTORY_EVENTS_MAX: usize = 200;
/// Events kept in memory per open room.
pub const RING_EVENTS_MAX: usize = 256;
/// Bytes of bodies kept in memory per open room.
pub const RING_BYTES_MAX: usize = 256 * 1024;
/// Events that wait for an earlier one per open room; more start the fill at once.
pub const REORDER_EVENTS_MAX: usize = 64;
/// Time an event waits for an earlier one before the gap is filled from the store.
pub const REORDER_DELAY_MS_MAX: u64 = 50;
/// Pause before a failed fill is tried again.
pub const FILL_ATTEMPT_MS_MIN: u64 = 200;
/// Time in which a gap must be filled; then the subscriptions of the room end with code 2500.
pub const FILL_MS_MAX: u64 = 10_000;
/// Events of one read that fills a gap.
pub const FILL_EVENTS_MAX: usize = 256;
/// Fills of one node under way at once; more wait.
pub const FILLS_MAX: usize = 32;
/// Events of one page that a lagging subscription reads from the store.
pub const CATCH_UP_EVENTS_MAX: usize = 64;
/// Frames of an outbox above which ephemeral traffic is dropped.
pub const OUTBOX_FRAMES_EPHEMERAL_MAX: usize = 256;
/// Time a room without subscribers keeps its recent events for those who come back.
pub const ROOM_IDLE_MS_MAX: u64 = 60_000;
/// Rooms without subscribers that a node keeps; more are dropped at once.
pub const ROOMS_IDLE_MAX: usize = 4_096;
/// Interval in which every node compares the tops of its open rooms with the store.
pub const TOPS_INTERVAL_MS: u64 = 2_000;
/// The same interval while the bus is away: nothing else tells a node of the others' events.
pub const TOPS_INTERVAL_ALONE_MS: u64 = 1_000;
/// A node whose last comparison is older stops delivering and answers error 100.
pub const TOPS_AGE_MS_MAX: u64 = 5_000;

/// One hint on the bus; a longer one is not published, and the event is found by the comparison.
pub const HINT_BYTES_MAX: usize = 128 * 1024;
/// Hints waiting to be published; more are dropped.
pub const BUS_HINTS_OUT_MAX: usize = 1_024;
/// Hints heard and not yet looked at; more are dropped.
pub const BUS_HINTS_IN_MAX: usize = 1_024;
/// Hints published in one go.
pub const BUS_HINTS_AT_ONCE_MAX: usize = 256;
/// Interval of the beat by which a listener knows that its connection lives.
pub const BUS_BEAT_MS: u64 = 1_000;
/// Silence after which a connection of the bus is taken for lost.
pub const BUS_SILENCE_MS_MAX: u64 = 3_000;

/// Sends waiting for the lane; more are answered by error 111.
pub const LANE_QUEUE_MAX: usize = 4_096;
/// Questions of one kind that wait for the next common read; more wait for their place.
pub const GATHERED_WAITING_MAX: usize = 1_024;
/// Questions of one common read.
pub const GATHERED_ASKS_MAX: usize = 512;
/// Reads of the log that connections share; at so many the finished ones are forgotten.
pub const SHARED_READS_SWEPT_AT: usize = 256;
/// Committed batches waiting for the fan-out; at the cap the lane waits, and its queue fills.
pub const FEED_BATCHES_MAX: usize = 256;
/// Rows of one commit.
pub const BATCH_ROWS_MAX: usize = 256;
/// Bytes of one commit.
pub const BATCH_BYTES_MAX: usize = 256 * 1024;
/// Batches up to this size take the loop function, larger ones the set function (timeline figures).
pub const LOOP_BATCH_ROWS_MAX: usize = 8;
/// A lock wait over this takes the room out of the batch.
pub const LOCK_WAIT_MS_MAX: u64 = 250;

/// Characters of one chat message.
pub const MESSAGE_CHARS_MAX: usize = 4_000;
/// Bytes of a client id of a message.
pub const CID_BYTES_MAX: usize = 64;
/// Time in which an author may withdraw a message.
pub const WITHDRAW_DELAY_MS_MAX: i64 = 120_000;
/// Time in which an author may edit a message.
pub const EDIT_DELAY_MS_MAX: i64 = 24 * 3_600 * 1_000;
/// Members one message may call by name.
pub const MENTIONS_MAX: usize = 50;
/// Characters of a preview: the last line of a room, a quoted message.
pub const PREVIEW_CHARS_MAX: usize = 80;
/// Messages of a page when the client names no number.
pub const PAGE_MESSAGES_DEFAULT: usize = 40;
/// Messages of one page.
pub const PAGE_MESSAGES_MAX: usize = 100;
/// Rooms whose latest page a node keeps as it was last read.
pub const PAGES_KEPT_MAX: usize = 256;
/// Bytes of a page that is kept, as the client gets it.
pub const PAGE_KEPT_BYTES_MAX: usize = 64 * 1024;
/// Age of a page that is given again: a changed name shows after this at the latest.
pub const PAGE_KEPT_MS_MAX: u64 = 5_000;
/// Rooms of one sync call.
pub const SYNC_ROOMS_MAX: usize = 1_000;
/// Bytes of one HTTP request body that is not an upload.
pub const HTTP_BODY_BYTES_MAX: usize = 64 * 1024;

/// Life of a chat token in seconds; an older one is refused and fetched anew.
pub const CHAT_TOKEN_AGE_S_MAX: i64 = 600;
/// Bytes read from a socket at once.
pub const SOCKET_READ_BUFFER_BYTES: usize = 2 * 1024;
/// A WebSocket message; above the session's own limits, which answer in the protocol's words.
pub const SOCKET_MESSAGE_BYTES_MAX: usize = 512 * 1024;
/// Bytes written to a socket as one frame, about.
pub const WRITE_BYTES_MAX: usize = 64 * 1024;
/// Bytes a socket may send without completing a message, frame headers included: fragments without
/// end are cut (3013).
pub const SOCKET_BYTES_WITHOUT_MESSAGE_MAX: usize = SOCKET_MESSAGE_BYTES_MAX + 4 * 1024;
/// WebSocket pings and pongs of a client between two deadlines of its session; more close the
/// socket (3013).
pub const SOCKET_CONTROLS_MAX: usize = 100;
/// Sockets before sign-in on one node; more are refused with 503.
pub const UNAUTHENTICATED_SOCKETS_MAX: usize = 10_000;
/// What all sockets before sign-in together make a node keep; new ones are refused with 503, and
/// one that sends more is closed (3013).
pub const UNAUTHENTICATED_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Sockets that a stopping hub closes per second at least; more where the drain would not suffice.
pub const FAREWELLS_PER_SECOND_MIN: u64 = 500;
/// Time in which the body of a request has to arrive; then it is refused.
pub const HTTP_BODY_WAIT_MS_MAX: u64 = 15_000;
/// Connections at the hub's door at once, sockets included; the next ones wait in the system's queue.
pub const DOOR_CONNECTIONS_MAX: usize = 65_536;
/// Milliseconds for a TLS handshake.
pub const TLS_HANDSHAKE_MS_MAX: u64 = 10_000;
/// Milliseconds for the header of a request, counted from the end of the last answer.
pub const HTTP_HEADER_WAIT_MS_MAX: u64 = 30_000;
/// Bytes of a request's header.
pub const HTTP_HEADER_BYTES_MAX: usize = 32 * 1024;
/// Ports tried from the configured one on where the search is allowed.
pub const PORTS_TRIED_MAX: u16 = 20;

/// Datagrams that one call hands to the media core; the rest waits for the next call.
pub const DATAGRAMS_MAX: usize = 64;
/// Datagrams that the media core hands out at once.
pub const TRANSMITS_MAX: usize = 64;
/// Bytes of one datagram that the media core sends.
pub const OUT_DATAGRAM_BYTES_MAX: usize = 1_600;
/// Answers, handshakes and reports waiting to be sent by one media core; more are dropped.
pub const CONTROL_DATAGRAMS_MAX: usize = 4_096;
/// Events of one media core that the edge has not taken; the oldest are lost.
pub const EVENTS_MAX: usize = 65_536;
/// Media packets waiting to be sent to one peer connection; more are dropped.
pub const PENDING_PACKETS_MAX: usize = 2_048;
/// Handshakes of one peer connection that may break before it is given up.
pub const HANDSHAKE_RESTARTS_MAX: usize = 64;
/// Streams (SSRCs) that one peer connection may send; packets of further ones are dropped.
pub const STREAMS_PER_PEER_MAX: usize = 256;
/// Senders of reports that one peer connection may name; reports of further ones are dropped.
pub const REPORTERS_PER_PEER_MAX: usize = 64;
/// Tracks that one peer connection may send to us; more are refused.
pub const TRACKS_PER_PEER_MAX: usize = 64;
/// Tracks that one peer connection may get from us; more are refused.
pub const SENDS_PER_PEER_MAX: usize = 1_024;
/// Packets of one picture that may be sent to one receiver again, the last ones.
pub const HISTORY_PACKETS: usize = 512;
/// Packets of one stream that may be missing at once; with more the stream starts afresh.
pub const MISSING_PACKETS_MAX: usize = 512;
/// Verified addresses of one peer connection; the oldest that is not in use makes room.
pub const PEER_PATHS_MAX: usize = 16;
/// Payload types of one m-section; more are refused.
pub const FORMATS_MAX: usize = 16;
/// Layers of one published picture; more are refused.
pub const LAYERS_MAX: usize = 3;
/// Data channels of one peer connection of a call; more are refused.
pub const CHANNELS_PER_PEER_MAX: usize = 16;
/// One message of a data channel of a call; a longer one is dropped.
pub const DATA_MESSAGE_BYTES_MAX: usize = 65_535;
/// Reliable data waiting for one peer of a call; at the cap messages are refused.
pub const DATA_BACKLOG_BYTES_MAX: usize = 2 * 1024 * 1024;
/// Media connections over TCP of one server; beyond, only strangers make room.
pub const MEDIA_STREAMS_MAX: usize = 512;
/// Those that have not proved themselves: of all addresses, and of one. The oldest makes room.
pub const MEDIA_STREAMS_STRANGE_MAX: usize = 128;
pub const MEDIA_STREAMS_STRANGE_PER_ADDRESS_MAX: usize = 32;
/// What such a one may send, and how long it is kept; then it is closed.
pub const MEDIA_STREAM_STRANGE_BYTES_MAX: usize = 8 * 1024;
pub const MEDIA_STREAM_STRANGE_S_MAX: u64 = 10;
/// Silence of one that has proved itself; then it is closed.
pub const MEDIA_STREAM_IDLE_S_MAX: u64 = 30;
/// Bytes that wait for a reader that is behind; datagrams beyond are dropped, as a network would.
pub const MEDIA_STREAM_OUT_BYTES_MAX: usize = 128 * 1024;
/// Time that no one wants a layer before its sender is told.
pub const LAYERS_LOWERED_DELAY_MS: u64 = 5_000;
/// Seconds from asking for a one-time code to its end.
pub const CODE_AGE_S_MAX: i64 = 300;
/// Tries of one code; the next is refused unseen.
pub const CODE_TRIES_MAX: i16 = 5;
/// Seconds before the same number may ask for another code.
pub const CODE_RESEND_S_MIN: i64 = 60;
/// Codes per number and hour; more are refused with the time to wait.
pub const CODES_PER_PHONE_HOUR_MAX: i64 = 5;
/// Codes per number and day.
pub const CODES_PER_PHONE_DAY_MAX: i64 = 10;
/// Codes per browser and hour.
pub const CODES_PER_VISITOR_HOUR_MAX: i64 = 10;
/// Codes per address and hour; a village shares one.
pub const CODES_PER_ADDRESS_HOUR_MAX: i64 = 60;
/// Codes that wait for an adapter; more are refused.
pub const CODES_WAITING_MAX: usize = 256;
/// Codes handed to adapters at once.
pub const CODES_UNDER_WAY_MAX: usize = 8;
/// Time in which an adapter answers; then the code counts as not taken.
pub const CODE_ADAPTER_MS_MAX: u64 = 10_000;
/// Codes kept for the console of a dev hub.
pub const CONSOLE_CODES_MAX: usize = 100;
/// Seconds without use after which a session on an own device ends (90 days).
pub const SESSION_AGE_S_MAX: i64 = 90 * 24 * 3600;
/// Seconds between two records of a session's use.
pub const SESSION_SEEN_S_MIN: i64 = 3600;
/// Seconds for which a browser keeps its mark (a year).
pub const VISITOR_MARK_AGE_S_MAX: i64 = 365 * 24 * 3600;
/// Signed-in devices of a person; the one unused for longest makes room.
pub const DEVICES_PER_PERSON_MAX: i64 = 20;
/// Seconds that the look for revoked devices goes back beyond the last one.
pub const REVOKED_LOOK_BACK_S: i64 = 60;
/// Characters of a device's name; a longer one is cut.
pub const DEVICE_NAME_CHARS_MAX: usize = 40;
/// Characters of one reaction; an emoji may be made of several.
pub const REACTION_CHARS_MAX: usize = 12;
/// Different reactions to one message; more are refused.
pub const REACTIONS_PER_MESSAGE_MAX: i64 = 20;
/// Pinned messages of a room; more are refused.
pub const PINS_MAX: i64 = 20;
/// Versions of a message that are shown: the first and the latest.
pub const EDITS_SHOWN_MAX: i64 = 100;
/// Readers of a message that are named; the number is told in full.
pub const READERS_NAMED_MAX: i64 = 200;
/// Connections that one presence reply names.
pub const PRESENCE_NAMES_MAX: usize = 200;
/// People of a room that one node names to another; the others are counted.
pub const PRESENCE_NAMES_SHARED_MAX: usize = 50;
/// Time in which a node asks the others about a room after somebody looked at it.
pub const PRESENCE_LOOK_MS: u64 = 60_000;
/// Age of what another node said about a room; what is older is forgotten.
pub const PRESENCE_AGE_MS_MAX: u64 = 60_000;
/// Rooms about which one node asks the others; of more only its own part is known.
pub const PRESENCE_ROOMS_MAX: usize = 1_024;
/// Answers to other nodes under way at once; a question beyond is dropped and comes again.
pub const PRESENCE_ANSWERS_MAX: usize = 8;
/// Pause between two typing signs of one connection in one room; one that comes sooner is dropped.
pub const TYPING_INTERVAL_MS_MIN: u64 = 3_000;
/// Days before joining that a new member of a party group or joint branch may read.
pub const ROOM_HISTORY_DAYS: u16 = 30;
/// Seconds without use after which a desk closes (30 minutes).
pub const DESK_IDLE_S_MAX: i64 = 30 * 60;
/// Seconds between two records of a desk's use.
pub const DESK_SEEN_S_MIN: i64 = 60;
/// Seconds for which a second factor proves its owner for what is most sensitive.
pub const PROOF_AGE_S_MAX: i64 = 300;
/// Seconds for which a sign-in by one-time code counts as fresh.
pub const FRESH_SIGN_IN_S_MAX: i64 = 600;
/// Wrong codes of a second factor after which it rests.
pub const SECOND_FACTOR_FAILURES_MAX: i16 = 5;
/// Seconds for which it rests.
pub const SECOND_FACTOR_REST_S: i64 = 300;
/// Characters of a password.
pub const PASSWORD_CHARS_MIN: usize = 10;
/// Characters of a password.
pub const PASSWORD_CHARS_MAX: usize = 128;
/// Passwords tried with one number in a quarter of an hour; more are refused unseen.
pub const PASSWORDS_PER_PHONE_QUARTER_MAX: i64 = 5;
/// Passwords tried from one address in an hour.
pub const PASSWORDS_PER_ADDRESS_HOUR_MAX: i64 = 60;
/// Passwords hashed at once; more are refused.
pub const PASSWORD_HASHES_MAX: usize = 4;
/// Memory of one password hash in KiB.
pub const PASSWORD_MEMORY_KIB: u32 = 19_456;
/// Passes of one password hash.
pub const PASSWORD_PASSES: u32 = 2;
/// Version of `/privacy` in force.
pub const PRIVACY_VERSION: &str = "2026-11-25";
/// Version of `/rules` in force.
pub const RULES_VERSION: &str = "2026-11-24";
/// Interval in which a node looks for reminders that are due.
pub const JOIN_CLOCK_INTERVAL_MS: u64 = 30_000;
/// Interval in which members are told of rooms that moved.
pub const BUMP_INTERVAL_MS: u64 = 1_000;
/// Rooms of one such interval; the members of more learn it by `sync`.
pub const BUMP_ROOMS_MAX: usize = 4_096;

/// Characters of the title of a board post.
pub const BOARD_TITLE_CHARS_MIN: usize = 10;
pub const BOARD_TITLE_CHARS_MAX: usize = 25;
/// Characters of the text of a board post.
pub const BOARD_BODY_CHARS_MAX: usize = 2_000;
/// Characters of a reply, a question or a reason on a board.
pub const BOARD_REPLY_CHARS_MAX: usize = 4_000;
/// Characters of the name in front.
pub const BOARD_NAME_CHARS_MAX: usize = 20;
/// Look-ups by number and passphrase in an hour: of one number, and of one network.
pub const BOARD_TRIES_PER_NUMBER_HOUR_MAX: i64 = 5;
pub const BOARD_TRIES_PER_ADDRESS_HOUR_MAX: i64 = 20;
/// How long a browser may follow a post after number and passphrase were right.
pub const BOARD_TRACK_S_MAX: i64 = 3_600;
/// Posts on one page of a board or of a desk.
pub const BOARD_PAGE_ROWS_MAX: i64 = 30;
/// Pictures of a board post.
pub const BOARD_PICTURES_MAX: usize = 4;
/// Bytes of one picture as it is sent, and of a form with all of them.
pub const PICTURE_BYTES_MAX: usize = 8 * 1024 * 1024;
pub const PICTURES_FORM_BYTES_MAX: usize = 20 * 1024 * 1024;
/// Fields of such a form, how long one may take to arrive, and forms that are read at a time.
pub const PICTURES_FORM_FIELDS_MAX: usize = 24;
pub const PICTURES_FORM_WAIT_MS_MAX: u64 = 120_000;
pub const PICTURES_FORMS_MAX: usize = 8;
/// Characters of the words that stand for a picture.
pub const PICTURE_ALT_CHARS_MAX: usize = 60;
/// Pixels of a picture as it is sent.
pub const PICTURE_PIXELS_MAX: u64 = 40_000_000;
/// Pixels of the longer side, and bytes, of a picture as it is kept.
pub const PICTURE_SIDE_MAX: u32 = 1_600;
pub const PICTURE_KEPT_BYTES_MAX: usize = 512 * 1024;
/// Children that clean pictures at a time; memory, seconds of the processor and time of one.
pub const PICTURE_CHILDREN_MAX: usize = 2;
pub const PICTURE_CHILD_MEMORY_BYTES_MAX: u64 = 768 * 1024 * 1024;
pub const PICTURE_CHILD_CPU_S_MAX: u64 = 10;
pub const PICTURE_CHILD_WAIT_MS_MAX: u64 = 20_000;
/// How often the clock of the boards looks at what is due.
pub const BOARD_CLOCK_INTERVAL_MS: u64 = 60_000;
/// Posts that the clock looks at in one round.
pub const BOARD_CLOCK_ROWS_MAX: i64 = 200;

/// How long a public page may be answered from memory when nothing moved on this node.
pub const PUBLIC_PAGE_FRESH_MS: u64 = 2_000;
/// Public pages in memory, bytes of one, and bytes of host and address that name it.
pub const PUBLIC_PAGES_MAX: usize = 1_000;
pub const PUBLIC_PAGE_BYTES_MAX: usize = 4 * 1024 * 1024;
pub const PUBLIC_PAGE_KEY_BYTES_MAX: usize = 600;
/// Public pages that are made anew for one network: at once, and in a second.
pub const PUBLIC_MAKES_BURST_MAX: u64 = 60;
pub const PUBLIC_MAKES_PER_S_MAX: u64 = 20;
/// Networks whose makings are counted at a time.
pub const PUBLIC_NETWORKS_MAX: usize = 20_000;
/// Posts in the open data.
pub const BOARD_DATA_ROWS_MAX: i64 = 5_000;
/// Open pages of signed-in readers that are told at once, and how long one waits for a move.
pub const BOARD_LISTENERS_MAX: usize = 10_000;
pub const BOARD_LISTEN_MS_MAX: u64 = 25_000;

/// Characters of a word of the lists, and words in all of them.
pub const WORD_CHARS_MIN: usize = 2;
pub const WORD_CHARS_MAX: usize = 40;
pub const WORDS_MAX: usize = 5_000;
/// Characters of what a reader says with a report of a post.
pub const BOARD_REPORT_CHARS_MAX: usize = 200;
/// Reports on one post that its desk shows.
pub const BOARD_REPORTS_SHOWN_MAX: i64 = 50;

/// Characters of the matter of a delegate's thread.
pub const THREAD_SUBJECT_CHARS_MIN: usize = 4;
pub const THREAD_SUBJECT_CHARS_MAX: usize = 40;
/// Messages of a thread on its page; older ones are left out.
pub const THREAD_PAGE_MESSAGES_MAX: i64 = 500;
/// Threads in one list of a delegate, an office, a liaison office or a constituent.
pub const THREAD_LIST_ROWS_MAX: i64 = 200;
/// Delegates in the directory.
pub const DELEGATE_ROWS_MAX: i64 = 500;
/// Private notes of a delegate on one thread.
pub const DELEGATE_NOTES_MAX: i64 = 100;
/// How often the clock of the threads looks at what is due.
pub const THREAD_CLOCK_INTERVAL_MS: u64 = 60_000;
/// Threads that the clock looks at in one round.
pub const THREAD_CLOCK_ROWS_MAX: i64 = 200;

/// Seconds between two signs of life of somebody at a meeting.
pub const MEETING_BEAT_S: u32 = 10;
/// How often the clock of the meetings looks, and at how many in one round.
pub const MEETING_CLOCK_INTERVAL_MS: u64 = 5_000;
pub const MEETING_CLOCK_ROWS_MAX: i64 = 500;
/// Characters of a motion that is put to the vote, and of minutes.
pub const MOTION_CHARS_MAX: usize = 500;
pub const MINUTES_CHARS_MAX: usize = 16_000;
/// People on the list of one venue.
pub const VENUE_PEOPLE_MAX: usize = 200;
/// Days ahead for which a meeting can be called.
pub const MEETING_AHEAD_DAYS_MAX: i64 = 400;
/// Characters of a meeting's title, of its place, of an item of its agenda, of a venue's name.
pub const MEETING_TITLE_CHARS_MAX: usize = 60;
pub const MEETING_PLACE_CHARS_MAX: usize = 60;
pub const AGENDA_TITLE_CHARS_MAX: usize = 100;
pub const VENUE_NAME_CHARS_MAX: usize = 40;
/// Items of an agenda, and minutes planned for one.
pub const AGENDA_ITEMS_MAX: usize = 30;
pub const AGENDA_MINUTES_MAX: u16 = 240;
/// Venues of a meeting, and people exempted from it.
pub const MEETING_VENUES_MAX: usize = 20;
pub const EXEMPTIONS_MAX: usize = 200;

/// Life of a token that lets a member into a call, seconds; whoever is connected gets fresh ones.
pub const CALL_TICKET_S: u32 = 120;
/// A call in which nobody was seen for this long is over, seconds.
pub const CALL_EMPTY_S_MAX: i64 = 60;
/// Interval in which the hub looks who is in the open calls, milliseconds.
pub const CALL_LOOK_MS: u64 = 5_000;
/// A raised hand of somebody who was not seen in the call for this long is lowered, seconds.
pub const CALL_HAND_ABSENT_S_MAX: i64 = 30;
/// People in one call.
pub const CALL_PEOPLE_MAX: u32 = 200;
/// People who wait before the door of one call.
pub const CALL_WAITING_MAX: i64 = 50;
/// Who waits before the door of a call asks again after this, seconds.
pub const CALL_ASK_AGAIN_S: i64 = 3;
/// Who did not ask again for this long waits no more, seconds.
pub const CALL_WAITING_S_MAX: i64 = 15;
/// Whom a leader took out of a call or did not let in may ask again after this, seconds.
pub const CALL_REMOVED_S: i64 = 60;
/// People whom the end of a call names; the rest is left out of the event and kept in the store.
pub const CALL_ATTENDED_MAX: i64 = 500;
