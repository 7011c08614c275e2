//! The HTTP routes of organisations, for administrators.

#![expect(unused_qualifications, reason = "the macro of the document names types in full")]

use axum::Json;
use axum::extract::{Path, State};
use http::StatusCode;
use serde::Deserialize;
use signaling::http::ErrorBody;
use signaling::http::organisations::{
    AppointOfficer, ChangeOrganisation, FoundOrganisation, GiveReason, MemberRow, MoveHome,
    OrganisationList, OrganisationMembers, OrganisationPage, PostRow, RegisterMember,
    UnmaskedPhone,
};
use signaling::{OrganisationId, PersonId, PostId};
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::administration as admin;
use crate::app::App;
use crate::auth::{Caller, Visitor};
use crate::door::{Body, Parameters, named};
use crate::error::Result;

/// The routes.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_organisations, found_organisation))
        .routes(routes!(read_organisation, change_organisation))
        .routes(routes!(dissolve_organisation))
        .routes(routes!(list_members, register_member))
        .routes(routes!(appoint_officer))
        .routes(routes!(end_post))
        .routes(routes!(move_home))
        .routes(routes!(unmask_phone))
}

/// Which organisations.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Which {
    /// Those directly below this one; the roots without it.
    parent: Option<OrganisationId>,
    /// Part of a name, or a code.
    search: Option<String>,
}

/// The children of an organisation, the roots, or what bears a text in its name.
#[utoipa::path(get, path = "/api/admin/organisations", tag = "administration", params(Which),
    responses((status = 200, body = OrganisationList), (status = 401, body = ErrorBody),
              (status = 404, body = ErrorBody)))]
async fn list_organisations(
    State(app): State<App>,
    Parameters(which): Parameters<Which>,
) -> Result<Json<OrganisationList>> {
    Ok(Json(admin::list(&app, which.parent, which.search.as_deref()).await?))
}

/// Found an organisation.
#[utoipa::path(post, path = "/api/admin/organisations", tag = "administration",
    request_body = FoundOrganisation,
    responses((status = 201, body = OrganisationPage), (status = 400, body = ErrorBody),
              (status = 401, body = ErrorBody), (status = 404, body = ErrorBody),
              (status = 409, body = ErrorBody), (status = 422, body = ErrorBody)))]
async fn found_organisation(
    State(app): State<App>,
    caller: Caller,
    Body(request): Body<FoundOrganisation>,
) -> Result<(StatusCode, Json<OrganisationPage>)> {
    Ok((StatusCode::CREATED, Json(admin::found(&app, caller.person, request).await?)))
}

/// An organisation with its posts and its history.
#[utoipa::path(get, path = "/api/admin/organisations/{organisation}", tag = "administration",
    params(("organisation" = OrganisationId, Path, description = "an organisation")),
    responses((status = 200, body = OrganisationPage), (status = 401, body = ErrorBody),
              (status = 404, body = ErrorBody)))]
async fn read_organisation(
    State(app): State<App>,
    Path(organisation): Path<String>,
) -> Result<Json<OrganisationPage>> {
    Ok(Json(admin::page(&app, named(&organisation)?).await?))
}

/// Rename or move an organisation; its history keeps the former name and place.
#[utoipa::path(patch, path = "/api/admin/organisations/{organisation}", tag = "administration",
    params(("organisation" = OrganisationId, Path, description = "an organisation")),
    request_body = ChangeOrganisation,
    responses((status = 200, body = OrganisationPage), (status = 400, body = ErrorBody),
              (status = 401, body = ErrorBody), (status = 404, body = ErrorBody),
              (status = 409, body = ErrorBody), (status = 422, body = ErrorBody)))]
async fn change_organisation(
    State(app): State<App>,
    caller: Caller,
    Path(organisation): Path<String>,
    Body(request): Body<ChangeOrganisation>,
) -> Result<Json<OrganisationPage>> {
    let organisation = named(&organisation)?;
    Ok(Json(admin::rearrange(&app, caller.person, organisation, &request).await?))
}

/// Dissolve an organisation on which nothing hangs.
#[utoipa::path(post, path = "/api/admin/organisations/{organisation}/dissolution",
    tag = "administration",
    params(("organisation" = OrganisationId, Path, description = "an organisation")),
    request_body = GiveReason,
    responses((status = 200, body = OrganisationPage), (status = 401, body = ErrorBody),
              (status = 404, body = ErrorBody), (status = 409, body = ErrorBody),
              (status = 422, body = ErrorBody)))]
async fn dissolve_organisation(
    State(app): State<App>,
    caller: Caller,
    Path(organisation): Path<String>,
    Body(given): Body<GiveReason>,
) -> Result<Json<OrganisationPage>> {
    let organisation = named(&organisation)?;
    Ok(Json(admin::dissolve(&app, caller.person, organisation, &given.reason).await?))
}

/// From where on.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct After {
    /// The last one of the page before.
    after: Option<PersonId>,
}

/// Members of an organisation.
#[utoipa::path(get, path = "/api/admin/organisations/{organisation}/members",
    tag = "administration",
    params(("organisation" = OrganisationId, Path, description = "an organisation"), After),
    responses((status = 200, body = OrganisationMembers), (status = 401, body = ErrorBody),
              (status = 404, body = ErrorBody)))]
async fn list_members(
    State(app): State<App>,
    Path(organisation): Path<String>,
    Parameters(from): Parameters<After>,
) -> Result<Json<OrganisationMembers>> {
    Ok(Json(admin::members_of(&app, named(&organisation)?, from.after).await?))
}

/// Register a member with the home here, or put a member of the branch into its group.
#[utoipa::path(post, path = "/api/admin/organisations/{organisation}/members",
    tag = "administration",
    params(("organisation" = OrganisationId, Path, description = "an organisation")),
    request_body = RegisterMember,
    responses((status = 201, body = MemberRow), (status = 400, body = ErrorBody),
              (status = 401, body = ErrorBody), (status = 404, body = ErrorBody),
              (status = 409, body = ErrorBody), (status = 422, body = ErrorBody)))]
async fn register_member(
    State(app): State<App>,
    caller: Caller,
    Path(organisation): Path<String>,
    Body(request): Body<RegisterMember>,
) -> Result<(StatusCode, Json<MemberRow>)> {
    let organisation = named(&organisation)?;
    let row = admin::register(&app, caller.person, organisation, &request).await?;
    Ok((StatusCode::CREATED, Json(row)))
}

/// Give a post.
#[utoipa::path(post, path = "/api/admin/organisations/{organisation}/posts",
    tag = "administration",
    params(("organisation" = OrganisationId, Path, description = "an organisation")),
    request_body = AppointOfficer,
    responses((status = 201, body = PostRow), (status = 401, body = ErrorBody),
              (status = 404, body = ErrorBody), (status = 409, body = ErrorBody),
              (status = 422, body = ErrorBody)))]
async fn appoint_officer(
    State(app): State<App>,
    caller: Caller,
    Path(organisation): Path<String>,
    Body(request): Body<AppointOfficer>,
) -> Result<(StatusCode, Json<PostRow>)> {
    let organisation = named(&organisation)?;
    let row = admin::appoint(&app, caller.person, organisation, &request).await?;
    Ok((StatusCode::CREATED, Json(row)))
}

/// End a post.
#[utoipa::path(post, path = "/api/admin/posts/{post}/end", tag = "administration",
    params(("post" = PostId, Path, description = "a post that somebody holds")),
    request_body = GiveReason,
    responses((status = 204), (status = 401, body = ErrorBody), (status = 404, body = ErrorBody),
              (status = 422, body = ErrorBody)))]
async fn end_post(
    State(app): State<App>,
    caller: Caller,
    Path(post): Path<String>,
    Body(given): Body<GiveReason>,
) -> Result<StatusCode> {
    admin::end_post(&app, caller.person, named(&post)?, &given.reason).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Move a member's home in one step.
#[utoipa::path(post, path = "/api/admin/people/{person}/home", tag = "administration",
    params(("person" = PersonId, Path, description = "a member")),
    request_body = MoveHome,
    responses((status = 200, body = MemberRow), (status = 401, body = ErrorBody),
              (status = 404, body = ErrorBody), (status = 409, body = ErrorBody),
              (status = 422, body = ErrorBody)))]
async fn move_home(
    State(app): State<App>,
    caller: Caller,
    Path(person): Path<String>,
    Body(request): Body<MoveHome>,
) -> Result<Json<MemberRow>> {
    Ok(Json(admin::move_home(&app, caller.person, named(&person)?, &request).await?))
}

/// The whole telephone number of a person, with a reason that the person sees.
#[utoipa::path(post, path = "/api/admin/people/{person}/phone", tag = "administration",
    params(("person" = PersonId, Path, description = "a person")),
    request_body = GiveReason,
    responses((status = 200, body = UnmaskedPhone), (status = 401, body = ErrorBody),
              (status = 404, body = ErrorBody), (status = 422, body = ErrorBody)))]
async fn unmask_phone(
    State(app): State<App>,
    caller: Caller,
    visitor: Visitor,
    Path(person): Path<String>,
    Body(given): Body<GiveReason>,
) -> Result<Json<UnmaskedPhone>> {
    let by = (caller.person, caller.device);
    let why = (given.reason.as_str(), visitor.address);
    Ok(Json(UnmaskedPhone { phone: admin::unmask(&app, by, named(&person)?, why).await? }))
}
