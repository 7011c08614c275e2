//! Refusals: the expected ways to say no. A client may switch on the word or on the number; the
//! sentence is for people and may change.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

macro_rules! refusal_codes {
    ($($(#[$doc:meta])* $name:ident = $number:literal, $status:literal, $word:tt;)*) => {
        /// Stable reasons of refusal, the same over HTTP and over the chat socket.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
        pub enum RefusalCode {
            $($(#[$doc])* #[serde(rename = $word)] $name,)*
        }

        impl RefusalCode {
            /// Every code, for documents and tests.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The stable word, e.g. `too_many_requests`.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }

            /// The error number in a chat reply: the protocol's own where it has one, else 400–1999.
            #[must_use]
            pub const fn number(self) -> u32 {
                match self { $(Self::$name => $number,)* }
            }

            /// The HTTP status that carries this refusal.
            #[must_use]
            pub const fn http_status(self) -> u16 {
                match self { $(Self::$name => $status,)* }
            }
        }
    };
}

refusal_codes! {
    /// The request could not be read or a field is out of range.
    InvalidInput = 107, 400, "invalid_input";
    /// No valid sign-in came with the request.
    SignInRequired = 101, 401, "sign_in_required";
    /// The caller may not do this, or may not know whether the object exists (chat socket).
    NotAllowed = 103, 403, "not_allowed";
    /// No such object, or the caller may not know of it (HTTP).
    NotFound = 404, 404, "not_found";
    /// The route exists, but not with this HTTP method.
    WrongMethod = 405, 405, "wrong_method";
    /// The object changed meanwhile or already exists.
    Conflict = 409, 409, "conflict";
    /// Body or text above the limit.
    TooLarge = 106, 413, "too_large";
    /// A limit on the rate was reached; try again later.
    TooManyRequests = 111, 429, "too_many_requests";
    /// The service can not answer now; try again later.
    Unavailable = 100, 503, "unavailable";
    /// This installation does not offer the function.
    NotOffered = 108, 404, "not_offered";
    /// No such call.
    UnknownMethod = 104, 404, "unknown_method";
    /// The one-time code is wrong, expired, used or was never sent.
    CodeWrong = 410, 422, "code_wrong";
    /// The telephone number is not one that can receive a code.
    PhoneInvalid = 411, 422, "phone_invalid";
    /// A second factor is needed to go on.
    SecondFactorRequired = 412, 401, "second_factor_required";
    /// The account is closed or suspended.
    AccountDisabled = 413, 403, "account_disabled";
    /// The text is empty after trimming.
    TextEmpty = 420, 422, "text_empty";
    /// The text has more characters than a message may have.
    TextTooLong = 421, 422, "text_too_long";
    /// The time in which a message can be withdrawn or edited is over.
    TooLate = 422, 409, "too_late";
    /// The message was withdrawn or hidden.
    MessageGone = 423, 410, "message_gone";
    /// The invitation is unknown, expired, revoked or used up.
    InvitationInvalid = 430, 410, "invitation_invalid";
    /// The number or the password is wrong, or there is no password.
    PasswordWrong = 414, 422, "password_wrong";
    /// The second factor's code is wrong or was used before.
    SecondFactorWrong = 415, 422, "second_factor_wrong";
    /// The number is new here: a name is needed to go on.
    NameRequired = 416, 422, "name_required";
    /// The sign-in is too old for this; sign in again.
    FreshSignInRequired = 417, 401, "fresh_sign_in_required";
    /// The organisation still has members or organisations below it.
    OrganisationInUse = 431, 409, "organisation_in_use";
    /// The tree does not allow this here, e.g. a party group outside a branch.
    PlaceNotAllowed = 432, 422, "place_not_allowed";
    /// The step does not follow from where the case stands.
    StepNotAllowed = 433, 409, "step_not_allowed";
    /// A reason is needed.
    ReasonRequired = 434, 422, "reason_required";
    /// The person is a member of no branch that allows this.
    NotOfBranch = 435, 409, "not_of_branch";
    /// The name is not the one registered with this number.
    NameDiffers = 436, 409, "name_differs";
    /// A text for everybody has words that a list does not let through; the sentence names them.
    WordsNotAllowed = 437, 422, "words_not_allowed";
    /// Fewer are present than the meeting or the vote needs.
    QuorumMissing = 440, 409, "quorum_missing";
    /// A leader decides whether the caller comes into the call; ask again in some seconds.
    CallWaiting = 450, 409, "call_waiting";
    /// A leader locked the call: nobody new comes in.
    CallLocked = 451, 409, "call_locked";
    /// The call, or the place before its door, has no room for one more.
    CallFull = 452, 409, "call_full";
    /// A leader took the caller out of the call, or did not let them in.
    CallRemoved = 453, 403, "call_removed";
    /// More pictures than a post may have.
    TooManyPictures = 460, 422, "too_many_pictures";
    /// A file is no picture of a kind that is taken.
    NotAPicture = 461, 422, "not_a_picture";
    /// A picture has more pixels than are read.
    TooManyPixels = 462, 422, "too_many_pixels";
    /// A picture is broken, or takes too much to read.
    PictureUnreadable = 463, 422, "picture_unreadable";
}

/// An expected refusal with a sentence that says what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {detail}", code.word())]
pub struct Refusal {
    pub code: RefusalCode,
    pub detail: String,
    /// Seconds after which the same request may succeed.
    pub retry_after_s: Option<u32>,
}

impl Refusal {
    /// A refusal with its sentence.
    pub fn new(code: RefusalCode, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into(), retry_after_s: None }
    }

    /// The same refusal, which may be over in `seconds`.
    #[must_use]
    pub fn retry_after(self, seconds: u32) -> Self {
        Self { retry_after_s: Some(seconds), ..self }
    }
}
