//! The words of a board: as they stand in tables, forms and addresses.

use time::Date;

use crate::features::words::words;

words! {
    /// What a post is about.
    Kind {
        Enquiry = "enquiry",
        Suggestion = "suggestion",
        Help = "help",
        Complaint = "complaint",
        Thanks = "thanks",
    }
}

words! {
    /// Where a post stands.
    State {
        /// Waits for the review before publishing.
        Pending = "pending",
        /// Not published; its author may change it or appeal.
        Refused = "refused",
        /// Waits for the decision of an appeal.
        Appealed = "appealed",
        /// Public, waits to be given to an office.
        Published = "published",
        /// Taken in without being published, waits to be given to an office.
        Accepted = "accepted",
        /// Given to an office that has not accepted it yet.
        Assigned = "assigned",
        /// Not for the office it was given to.
        Reassigned = "reassigned",
        /// An office works on it.
        InProgress = "in_progress",
        /// The office asked its author something.
        AwaitingAuthor = "awaiting_author",
        /// The reply waits for its review.
        ReplyReview = "reply_review",
        /// Answered; its author may rate.
        Replied = "replied",
        /// Its author was not satisfied; given to an office again.
        Reopened = "reopened",
        /// Done.
        Closed = "closed",
        /// Taken back by its author.
        Withdrawn = "withdrawn",
        /// Was hidden at once; another person reviews whether it stays so.
        HidingReview = "hiding_review",
        /// Was public and is not any more; a tombstone says why.
        Hidden = "hidden",
    }
}

words! {
    /// Why a post is not published or is hidden, from the published list.
    Ground {
        OutOfScope = "out_of_scope",
        InCourt = "in_court",
        Duplicate = "duplicate",
        NoFacts = "no_facts",
        Insult = "insult",
        Unlawful = "unlawful",
        Secret = "secret",
        PersonalData = "personal_data",
    }
}

words! {
    /// Who takes a step.
    Actor {
        Author = "author",
        Reviewer = "reviewer",
        /// A handler of the office that the post is with.
        Office = "office",
        /// Decides appeals and disputes, one level up.
        Decider = "decider",
        Clock = "clock",
    }
}

impl State {
    /// Whether nothing is owed any more.
    #[must_use]
    pub const fn is_done(self) -> bool {
        matches!(self, Self::Refused | Self::Closed | Self::Withdrawn | Self::Hidden)
    }

    /// Whether everybody reads a post in this state, unless it is private.
    #[must_use]
    pub const fn is_shown(self) -> bool {
        match self {
            Self::Published
            | Self::Assigned
            | Self::Reassigned
            | Self::InProgress
            | Self::AwaitingAuthor
            | Self::ReplyReview
            | Self::Replied
            | Self::Reopened
            | Self::Closed => true,
            Self::Pending
            | Self::Refused
            | Self::Appealed
            | Self::Accepted
            | Self::Withdrawn
            | Self::HidingReview
            | Self::Hidden => false,
        }
    }

    /// Whether somebody of the offices owes the next step.
    #[must_use]
    pub const fn is_owed(self) -> bool {
        matches!(
            self,
            Self::Pending
                | Self::Appealed
                | Self::Published
                | Self::Accepted
                | Self::Assigned
                | Self::Reassigned
                | Self::InProgress
                | Self::ReplyReview
                | Self::Reopened
                | Self::HidingReview
        )
    }

    /// Whether an office has the post.
    #[must_use]
    pub const fn is_with_office(self) -> bool {
        matches!(self, Self::Assigned | Self::InProgress | Self::AwaitingAuthor | Self::ReplyReview)
    }
}

/// A post as far as the machine looks at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each says of one thing that it happened once")]
pub struct Post {
    pub state: State,
    /// Never public.
    pub private: bool,
    /// Where an appeal leads back to.
    pub before: Option<State>,
    /// Last day of the present wait.
    pub due: Option<Date>,
    /// Working days that the office has left when its clock goes on.
    pub left: Option<u32>,
    /// The author was asked back.
    pub asked: bool,
    /// The time for an answer was extended.
    pub extended: bool,
    /// It was reopened.
    pub reopened: bool,
    /// An appeal was made.
    pub appealed: bool,
    /// How often an office said that it is not for it.
    pub passed_on: u32,
    /// Levels that the present wait has gone up.
    pub level: u32,
    /// Last day before the next level.
    pub next_level: Option<Date>,
    /// 1–5.
    pub rating: Option<u8>,
}

impl Post {
    /// Whether everybody may read it.
    #[must_use]
    pub const fn is_public(&self) -> bool {
        !self.private && self.state.is_shown()
    }
}
