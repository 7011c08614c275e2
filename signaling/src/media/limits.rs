//! Caps of the media contract, with the unit in the name and what happens at the cap.

/// Bytes of one signal message; a longer one closes the socket (1009).
pub const SIGNAL_BYTES_MAX: usize = 256 * 1024;
/// Bytes of an inflated join request; a longer one is answered by status 400.
pub const JOIN_REQUEST_BYTES_MAX: usize = 1024 * 1024;
/// Bytes of a session description; a longer one is refused and the participant must join anew.
pub const SDP_BYTES_MAX: usize = 128 * 1024;
/// Media sections of one session description; more are refused like a long one.
pub const SDP_SECTIONS_MAX: usize = 512;
/// Lines of one session description; more are refused like a long one.
pub const SDP_LINES_MAX: usize = 20_000;
/// Bytes of a room name or an identity; a longer one is answered by status 400.
pub const NAME_BYTES_MAX: usize = 256;
/// Bytes of the metadata of a participant or a room; more are answered by `LIMIT_EXCEEDED` or, to an
/// administrator, by `invalid_argument`.
pub const METADATA_BYTES_MAX: usize = 512 * 1024;
/// Bytes of all attributes of a participant; more are answered by `LIMIT_EXCEEDED`.
pub const ATTRIBUTES_BYTES_MAX: usize = 64 * 1024;
/// Tracks of one participant; more are answered by `LIMIT_EXCEEDED`.
pub const TRACKS_PER_PARTICIPANT_MAX: usize = 32;
/// Participants of one room; a join above it is answered by status 503.
pub const PARTICIPANTS_PER_ROOM_MAX: usize = 1_000;
/// Rooms of one node; a join that would make one more is answered by status 503.
pub const ROOMS_PER_NODE_MAX: usize = 10_000;
/// Bytes of one data packet; a longer one is dropped, or answered to an administrator by
/// `invalid_argument`.
pub const DATA_BYTES_MAX: usize = 65_535;
/// Signal messages waiting for one participant's socket; at the cap the socket is closed and the
/// client resumes.
pub const SIGNALS_WAITING_MAX: usize = 1_024;
/// Life of a token handed out by `refresh_token`, seconds.
pub const REFRESH_TOKEN_AGE_S: i64 = 300;
/// Interval of `refresh_token`, milliseconds.
pub const REFRESH_INTERVAL_MS: u64 = 120_000;
/// Leeway when times of a token are compared, seconds.
pub const TOKEN_LEEWAY_S: i64 = 60;
/// Interval of the client's pings, seconds.
pub const PING_INTERVAL_S: i32 = 5;
/// After this long without an answer the client gives its socket up, seconds.
pub const PING_TIMEOUT_S: i32 = 15;
/// Silence of a socket whose client pings; then the socket is closed, milliseconds.
pub const SIGNAL_SILENCE_MS_MAX: u64 = 20_000;
/// Time from join to a connected transport; later the participant is removed (`JOIN_FAILURE`).
pub const JOIN_DELAY_MS_MAX: u64 = 60_000;
/// Delay of the answer to an offer that came with the join, for clients that read their socket
/// before they have set the offer themselves.
pub const FIRST_ANSWER_DELAY_MS: u64 = 50;
/// Time in which a participant without a socket may resume; later it is removed.
pub const RESUME_DELAY_MS_MAX: u64 = 30_000;
/// Time in which an offer must be answered; later the client must join anew.
pub const ANSWER_DELAY_MS_MAX: u64 = 15_000;
/// Life of a room that nobody joined, seconds.
pub const EMPTY_TIMEOUT_S: u32 = 300;
/// Life of a room after the last participant left, seconds.
pub const DEPARTURE_TIMEOUT_S: u32 = 20;
/// Time for which reliable data packets are kept for those who come back, milliseconds.
pub const RECENT_MS_MAX: u64 = 2_000;
/// Packets that a room keeps for them; the oldest go first.
pub const RECENT_PACKETS_MAX: usize = 512;
/// Bytes of these packets; the oldest go first.
pub const RECENT_BYTES_MAX: usize = 1024 * 1024;
