//! The HTTP routes of meetings.

use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use http::{HeaderMap, StatusCode, header};
use signaling::http::ErrorBody;
use signaling::http::meetings::{
    AnswerNotice, CallVote, CastVote, DeskMeetings, EnterOnSite, HandInVenue, Meeting, MeetingBeat,
    MeetingList, MeetingReason, Minutes, PrepareMeeting, SendNotice, SetAgendaItem, SignMinutes,
    TakeMeetingStep, WriteMinutes,
};
use signaling::{MeetingId, PersonId, VoteId};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::steps::Ground;
use super::{attending, calendar, minutes, preparing, reading, running, voting};
use crate::app::App;
use crate::auth::{Caller, Granted, Session};
use crate::door::{Body, named};
use crate::error::Result;

/// The routes.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_meetings))
        .routes(routes!(read_meeting))
        .routes(routes!(meeting_calendar))
        .routes(routes!(answer_notice))
        .routes(routes!(sign_in_to_meeting, sign_out_of_meeting))
        .routes(routes!(meeting_presence))
        .routes(routes!(enter_on_site))
        .routes(routes!(hand_in_venue))
        .routes(routes!(take_chair))
        .routes(routes!(take_meeting_step))
        .routes(routes!(set_agenda_item))
        .routes(routes!(call_vote))
        .routes(routes!(cast_vote))
        .routes(routes!(close_vote))
        .routes(routes!(read_minutes, write_minutes))
        .routes(routes!(sign_minutes))
        .routes(routes!(return_minutes))
        .routes(routes!(archive_minutes))
        .routes(routes!(desk_meetings, prepare_meeting))
        .routes(routes!(read_meeting_at_desk, change_meeting))
        .routes(routes!(send_notice))
        .routes(routes!(cancel_meeting))
}

/// What the caller is called to.
#[utoipa::path(get, path = "/api/meetings", tag = "meetings",
    responses((status = 200, body = MeetingList), (status = 401, body = ErrorBody)))]
async fn list_meetings(State(app): State<App>, caller: Caller) -> Result<Json<MeetingList>> {
    Ok(Json(reading::list(&app, caller.person).await?))
}

/// A meeting.
#[utoipa::path(get, path = "/api/meetings/{meeting}", tag = "meetings",
    params(("meeting" = MeetingId, Path, description = "a meeting that the caller may know of")),
    responses((status = 200, body = Meeting), (status = 401, body = ErrorBody),
              (status = 404, body = ErrorBody)))]
async fn read_meeting(
    State(app): State<App>,
    caller: Caller,
    granted: Granted,
    Path(meeting): Path<String>,
) -> Result<Json<Meeting>> {
    Ok(Json(reading::one(Ground::of(&app), (caller.person, named(&meeting)?), &granted).await?))
}

/// A meeting for a calendar.
#[utoipa::path(get, path = "/api/meetings/{meeting}/calendar.ics", tag = "meetings",
    params(("meeting" = MeetingId, Path, description = "a meeting that the caller may know of")),
    responses((status = 200, content_type = "text/calendar", body = String),
              (status = 401, body = ErrorBody), (status = 404, body = ErrorBody)))]
async fn meeting_calendar(
    State(app): State<App>,
    caller: Caller,
    granted: Granted,
    headers: HeaderMap,
    Path(meeting): Path<String>,
) -> Result<Response> {
    let now = app.clock.now();
    let mut connection = app.db.acquire().await?;
    let about = (caller.person, named(&meeting)?);
    let known = reading::known(&mut connection, about, (&granted, now)).await?;
    let of = known.setting.organisation.title();
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let own = app.config.http.origins.first().cloned();
    let site = own.unwrap_or_else(|| format!("http://{host}"));
    let file = calendar::file(&known.row, &of, (&site, now));
    Ok(([(header::CONTENT_TYPE, "text/calendar; charset=utf-8")], file).into_response())
}

/// Answer a notice.
#[utoipa::path(put, path = "/api/meetings/{meeting}/answer", tag = "meetings",
    params(("meeting" = MeetingId, Path, description = "a meeting to which the caller is called")),
    request_body = AnswerNotice,
    responses((status = 200, body = Meeting), (status = 401, body = ErrorBody),
              (status = 404, body = ErrorBody), (status = 409, body = ErrorBody),
              (status = 422, body = ErrorBody)))]
async fn answer_notice(
    State(app): State<App>,
    caller: Caller,
    granted: Granted,
    Path(meeting): Path<String>,
    Body(request): Body<AnswerNotice>,
) -> Result<Json<Meeting>> {
    let about = (named(&meeting)?, &request);
    Ok(Json(attending::answer(Ground::of(&app), (caller.person, &granted), about).await?))
}

/// Sign in to a meeting at this device.
#[utoipa::path(post, path = "/api/meetings/{meeting}/sign-in", tag = "meetings",
    params(("meeting" = MeetingId, Path, description = "a meeting that the caller may know of")),
    responses((status = 200, body = Meeting),
              (status = 401, body = ErrorBody),
              (status = 404, body = ErrorBody),
              (status = 409, body = ErrorBody)))]
async fn sign_in_to_meeting(
    State(app): State<App>,
    caller: Caller,
    granted: Granted,
    Path(meeting): Path<String>,
) -> Result<Json<Meeting>> {
    Ok(Json(attending::sign_in(Ground::of(&app), (&caller, &granted), named(&meeting)?).await?))
}

/// Sign out of a meeting.
#[utoipa::path(delete, path = "/api/meetings/{meeting}/sign-in", tag = "meetings",
    params(("meeting" = MeetingId, Path, description = "a meeting that the caller may know of")),
    responses((status = 200, body = Meeting),
              (status = 401, body = ErrorBody),
              (status = 404, body = ErrorBody),
              (status = 409, body = ErrorBody)))]
async fn sign_out_of_meeting(
    State(app): State<App>,
    caller: Caller,
    granted: Granted,
    Path(meeting): Path<String>,
) -> Result<Json<Meeting>> {
    Ok(Json(
        attending::sign_out(Ground::of(&app), (caller.person, &granted), named(&meeting)?).await?,
    ))
}

/// A sign of life of somebody who is signed in.
#[utoipa::path(post, path = "/api/meetings/{meeting}/presence", tag = "meetings",
    params(("meeting" = MeetingId, Path, description = "a meeting that the caller may know of")),
    responses((status = 200, body = MeetingBeat),
              (status = 401, body = ErrorBody),
              (status = 404, body = ErrorBody),
              (status = 409, body = ErrorBody)))]
async fn meeting_presence(
    State(app): State<App>,
    caller: Caller,
    granted: Granted,
    Path(meeting): Path<String>,
) -> Result<Json<MeetingBeat>> {
    Ok(Json(attending::beat(Ground::of(&app), (&caller, &granted), named(&meeting)?).await?))
}

/// Enter that somebody without a device is in the room, or is not.
#[utoipa::path(put, path = "/api/meetings/{meeting}/on-site/{person}", tag = "meetings",
    params(("meeting" = MeetingId, Path, description = "a meeting that the caller may know of"),
           ("person" = PersonId, Path, description = "somebody on the roll")),
    request_body = EnterOnSite,
    responses((status = 200, body = Meeting),
              (status = 401, body = ErrorBody),
              (status = 404, body = ErrorBody),
              (status = 409, body = ErrorBody),
              (status = 422, body = ErrorBody)))]
async fn enter_on_site(
    State(app): State<App>,
    caller: Caller,
    granted: Granted,
    Path((meeting, person)): Path<(String, String)>,
    Body(request): Body<EnterOnSite>,
) -> Result<Json<Meeting>> {
    let about = (named(&meeting)?, named(&person)?, &request);
    Ok(Json(attending::enter_on_site(Ground::of(&app), (caller.person, &granted), about).await?))
}

/// Hand in the list of a venue.
#[utoipa::path(put, path = "/api/meetings/{meeting}/venues/{venue}", tag = "meetings",
    params(("meeting" = MeetingId, Path, description = "a meeting that the caller may know of"),
           ("venue" = u16, Path, description = "number of a venue, from 1")),
    request_body = HandInVenue,
    responses((status = 200, body = Meeting),
              (status = 401, body = ErrorBody),
              (status = 404, body = ErrorBody),
              (status = 409, body = ErrorBody)))]
async fn hand_in_venue(
    State(app): State<App>,
    caller: Caller,
    granted: Granted,
    Path((meeting, venue)): Path<(String, String)>,
    Body(request): Body<HandInVenue>,
) -> Result<Json<Meeting>> {
    let about = (named(&meeting)?, named(&venue)?, &request);
    Ok(Json(attending::hand_in(Ground::of(&app), (caller.person, &granted), about).await?))
}

/// Chair in the absence of the chair.
#[utoipa::path(post, path = "/api/meetings/{meeting}/chair", tag = "meetings",
    params(("meeting" = MeetingId, Path, description = "a meeting that the caller may know of")),
    responses((status = 200, body = Meeting),
              (status = 401, body = ErrorBody),
              (status = 404, body = ErrorBody),
              (status = 409, body = ErrorBody)))]
async fn take_chair(
    State(app): State<App>,
    caller: Caller,
    granted: Granted,
    Path(meeting): Path<String>,
) -> Result<Json<Meeting>> {
    Ok(Json(
        running::take_chair(Ground::of(&app), (caller.person, &granted), named(&meeting)?).await?,
    ))
}

/// Open the sign-in, open, adjourn or close a meeting.
#[utoipa::path(post, path = "/api/meetings/{meeting}/steps", tag = "meetings",
    params(("meeting" = MeetingId, Path, description = "a meeting that the caller may know of")),
    request_body = TakeMeetingStep,
    responses((status = 200, body = Meeting),
              (status = 401, body = ErrorBody),
              (status = 404, body = ErrorBody),
              (status = 409, body = ErrorBody),
              (status = 422, body = ErrorBody)))]
async fn take_meeting_step(
    State(app): State<App>,
    caller: Caller,
    granted: Granted,
    Path(meeting): Path<String>,
    Body(request): Body<TakeMeetingStep>,
) -> Result<Json<Meeting>> {
    let about = (named(&meeting)?, &request);
    Ok(Json(running::take(Ground::of(&app), (caller.person, &granted), about).await?))
}

/// Set the item under discussion.
#[utoipa::path(put, path = "/api/meetings/{meeting}/item", tag = "meetings",
    params(("meeting" = MeetingId, Path, description = "a meeting that the caller may know of")),
    request_body = SetAgendaItem,
    responses((status = 200, body = Meeting),
              (status = 401, body = ErrorBody),
              (status = 404, body = ErrorBody),
              (status = 409, body = ErrorBody)))]
async fn set_agenda_item(
    State(app): State<App>,
    caller: Caller,
    granted: Granted,
    Path(meeting): Path<String>,
    Body(request): Body<SetAgendaItem>,
) -> Result<Json<Meeting>> {
    let about = (named(&meeting)?, request.item);
    Ok(Json(running::set_item(Ground::of(&app), (caller.person, &granted), about).await?))
}

/// Call a vote.
#[utoipa::path(post, path = "/api/meetings/{meeting}/votes", tag = "meetings",
    params(("meeting" = MeetingId, Path, description = "a meeting that the caller may know of")),
    request_body = CallVote,
    responses((status = 200, body = Meeting),
              (status = 401, body = ErrorBody),
              (status = 404, body = ErrorBody),
              (status = 409, body = ErrorBody)))]
async fn call_vote(
    State(app): State<App>,
    caller: Caller,
    granted: Granted,
    Path(meeting): Path<String>,
    Body(request): Body<CallVote>,
) -> Result<Json<Meeting>> {
    let about = (named(&meeting)?, &request);
    Ok(Json(voting::call(Ground::of(&app), (caller.person, &granted), about).await?))
}

/// Cast a choice, the own one or that of somebody in the room or at a venue.
#[utoipa::path(put, path = "/api/meetings/{meeting}/votes/{vote}/ballot", tag = "meetings",
    params(("meeting" = MeetingId, Path, description = "a meeting that the caller may know of"),
           ("vote" = VoteId, Path, description = "a vote of the meeting")),
    request_body = CastVote,
    responses((status = 200, body = Meeting),
              (status = 401, body = ErrorBody),
              (status = 404, body = ErrorBody),
              (status = 409, body = ErrorBody)))]
async fn cast_vote(
    State(app): State<App>,
    caller: Caller,
    granted: Granted,
    Path((meeting, vote)): Path<(String, String)>,
    Body(request): Body<CastVote>,
) -> Result<Json<Meeting>> {
    let about = (named(&meeting)?, named(&vote)?, &request);
    Ok(Json(voting::cast(Ground::of(&app), (caller.person, &granted), about).await?))
}

/// Close a vote.
#[utoipa::path(post, path = "/api/meetings/{meeting}/votes/{vote}/close", tag = "meetings",
    params(("meeting" = MeetingId, Path, description = "a meeting that the caller may know of"),
           ("vote" = VoteId, Path, description = "a vote of the meeting")),
    responses((status = 200, body = Meeting),
              (status = 401, body = ErrorBody),
              (status = 404, body = ErrorBody),
              (status = 409, body = ErrorBody)))]
async fn close_vote(
    State(app): State<App>,
    caller: Caller,
    granted: Granted,
    Path((meeting, vote)): Path<(String, String)>,
) -> Result<Json<Meeting>> {
    let about = (named(&meeting)?, named(&vote)?);
    Ok(Json(voting::close(Ground::of(&app), (caller.person, &granted), about).await?))
}

/// The minutes of a meeting.
#[utoipa::path(get, path = "/api/meetings/{meeting}/minutes", tag = "meetings",
    params(("meeting" = MeetingId, Path, description = "a meeting that the caller may know of")),
    responses((status = 200, body = Minutes),
              (status = 401, body = ErrorBody),
              (status = 404, body = ErrorBody),
              (status = 409, body = ErrorBody)))]
async fn read_minutes(
    State(app): State<App>,
    caller: Caller,
    granted: Granted,
    Path(meeting): Path<String>,
) -> Result<Json<Minutes>> {
    Ok(Json(minutes::read(Ground::of(&app), (caller.person, named(&meeting)?), &granted).await?))
}

/// Write a version of the minutes.
#[utoipa::path(put, path = "/api/meetings/{meeting}/minutes", tag = "meetings",
    params(("meeting" = MeetingId, Path, description = "a meeting that the caller may know of")),
    request_body = WriteMinutes,
    responses((status = 200, body = Minutes),
              (status = 401, body = ErrorBody),
              (status = 404, body = ErrorBody),
              (status = 409, body = ErrorBody),
              (status = 422, body = ErrorBody)))]
async fn write_minutes(
    State(app): State<App>,
    caller: Caller,
    granted: Granted,
    Path(meeting): Path<String>,
    Body(request): Body<WriteMinutes>,
) -> Result<Json<Minutes>> {
    let about = (named(&meeting)?, &request);
    Ok(Json(minutes::write(Ground::of(&app), (caller.person, &granted), about).await?))
}

/// Sign the minutes that are on the screen.
#[utoipa::path(post, path = "/api/meetings/{meeting}/minutes/signature", tag = "meetings",
    params(("meeting" = MeetingId, Path, description = "a meeting that the caller may know of")),
    request_body = SignMinutes,
    responses((status = 200, body = Minutes),
              (status = 401, body = ErrorBody),
              (status = 404, body = ErrorBody),
              (status = 409, body = ErrorBody)))]
async fn sign_minutes(
    State(app): State<App>,
    session: Session,
    granted: Granted,
    Path(meeting): Path<String>,
    Body(request): Body<SignMinutes>,
) -> Result<Json<Minutes>> {
    let about = (named(&meeting)?, &request);
    Ok(Json(minutes::sign(Ground::of(&app), (&session, &granted), about).await?))
}

/// Meetings of the branches and groups whose desk the caller keeps.
#[utoipa::path(get, path = "/api/desk/meetings", tag = "meetings",
    responses((status = 200, body = DeskMeetings), (status = 401, body = ErrorBody)))]
async fn desk_meetings(State(app): State<App>, caller: Caller) -> Result<Json<DeskMeetings>> {
    Ok(Json(reading::desk(&app, caller.person).await?))
}

/// Make a draft.
#[utoipa::path(post, path = "/api/desk/meetings", tag = "meetings",
    request_body = PrepareMeeting,
    responses((status = 201, body = Meeting), (status = 401, body = ErrorBody),
              (status = 404, body = ErrorBody), (status = 422, body = ErrorBody)))]
async fn prepare_meeting(
    State(app): State<App>,
    caller: Caller,
    granted: Granted,
    Body(request): Body<PrepareMeeting>,
) -> Result<(StatusCode, Json<Meeting>)> {
    let made = preparing::prepare(Ground::of(&app), (caller.person, &granted), &request).await?;
    Ok((StatusCode::CREATED, Json(made)))
}

/// A meeting, drafts too.
#[utoipa::path(get, path = "/api/desk/meetings/{meeting}", tag = "meetings",
    params(("meeting" = MeetingId, Path, description = "a meeting of the caller's desk")),
    responses((status = 200, body = Meeting), (status = 401, body = ErrorBody),
              (status = 404, body = ErrorBody)))]
async fn read_meeting_at_desk(
    State(app): State<App>,
    caller: Caller,
    granted: Granted,
    Path(meeting): Path<String>,
) -> Result<Json<Meeting>> {
    Ok(Json(reading::one(Ground::of(&app), (caller.person, named(&meeting)?), &granted).await?))
}

/// Replace a draft.
#[utoipa::path(put, path = "/api/desk/meetings/{meeting}", tag = "meetings",
    params(("meeting" = MeetingId, Path, description = "a draft of the caller's desk")),
    request_body = PrepareMeeting,
    responses((status = 200, body = Meeting), (status = 401, body = ErrorBody),
              (status = 404, body = ErrorBody), (status = 409, body = ErrorBody),
              (status = 422, body = ErrorBody)))]
async fn change_meeting(
    State(app): State<App>,
    caller: Caller,
    granted: Granted,
    Path(meeting): Path<String>,
    Body(request): Body<PrepareMeeting>,
) -> Result<Json<Meeting>> {
    let about = (named(&meeting)?, &request);
    Ok(Json(preparing::change(Ground::of(&app), (caller.person, &granted), about).await?))
}

/// Fix the roll and tell everyone on it.
#[utoipa::path(post, path = "/api/desk/meetings/{meeting}/notice", tag = "meetings",
    params(("meeting" = MeetingId, Path, description = "a draft of the caller's desk")),
    request_body = SendNotice,
    responses((status = 200, body = Meeting), (status = 401, body = ErrorBody),
              (status = 404, body = ErrorBody), (status = 409, body = ErrorBody),
              (status = 422, body = ErrorBody)))]
async fn send_notice(
    State(app): State<App>,
    caller: Caller,
    granted: Granted,
    Path(meeting): Path<String>,
    Body(request): Body<SendNotice>,
) -> Result<Json<Meeting>> {
    let about = (named(&meeting)?, request.late_reason.as_deref());
    Ok(Json(preparing::notify(Ground::of(&app), (caller.person, &granted), about).await?))
}

/// Cancel a meeting that has not opened.
#[utoipa::path(post, path = "/api/desk/meetings/{meeting}/cancellation", tag = "meetings",
    params(("meeting" = MeetingId, Path, description = "a meeting of the caller's desk")),
    request_body = MeetingReason,
    responses((status = 200, body = Meeting), (status = 401, body = ErrorBody),
              (status = 404, body = ErrorBody), (status = 409, body = ErrorBody),
              (status = 422, body = ErrorBody)))]
async fn cancel_meeting(
    State(app): State<App>,
    caller: Caller,
    granted: Granted,
    Path(meeting): Path<String>,
    Body(request): Body<MeetingReason>,
) -> Result<Json<Meeting>> {
    let about = (named(&meeting)?, request.reason.as_str());
    Ok(Json(preparing::cancel(Ground::of(&app), (caller.person, &granted), about).await?))
}

/// Send the minutes back.
#[utoipa::path(post, path = "/api/desk/meetings/{meeting}/minutes/return", tag = "meetings",
    params(("meeting" = MeetingId, Path, description = "a meeting below the caller")),
    request_body = MeetingReason,
    responses((status = 200, body = Meeting),
              (status = 401, body = ErrorBody),
              (status = 404, body = ErrorBody),
              (status = 409, body = ErrorBody),
              (status = 422, body = ErrorBody)))]
async fn return_minutes(
    State(app): State<App>,
    caller: Caller,
    granted: Granted,
    Path(meeting): Path<String>,
    Body(request): Body<MeetingReason>,
) -> Result<Json<Meeting>> {
    let about = (named(&meeting)?, request.reason.as_str());
    Ok(Json(minutes::send_back(Ground::of(&app), (caller.person, &granted), about).await?))
}

/// Take note of the minutes; nothing changes any more.
#[utoipa::path(post, path = "/api/desk/meetings/{meeting}/minutes/archive", tag = "meetings",
    params(("meeting" = MeetingId, Path, description = "a meeting below the caller")),
    responses((status = 200, body = Meeting),
              (status = 401, body = ErrorBody),
              (status = 404, body = ErrorBody),
              (status = 409, body = ErrorBody)))]
async fn archive_minutes(
    State(app): State<App>,
    caller: Caller,
    granted: Granted,
    Path(meeting): Path<String>,
) -> Result<Json<Meeting>> {
    let meeting = named(&meeting)?;
    Ok(Json(minutes::archive(Ground::of(&app), (caller.person, &granted), meeting).await?))
}
