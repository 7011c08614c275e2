//! The words of a delegate's thread, as they stand in tables and forms, and the thread as the
//! machine sees it.

use time::Date;

use crate::features::words::words;

words! {
    /// Where a thread stands.
    State {
        /// The delegate owes an answer.
        Waiting = "waiting",
        /// The delegate answered; the two talk.
        Talking = "talking",
        /// The constituent reads the exact text of an opinion and chooses.
        Opinion = "opinion",
        /// An office has the opinion and owes an answer.
        WithOffice = "with_office",
        /// The office answered; the delegate owes the constituent the outcome.
        Answered = "answered",
        /// Done; the constituent may rate.
        Closed = "closed",
        /// Ended by the delegate with a reason.
        Ended = "ended",
        /// The constituent turned to the liaison office about the ending.
        Turned = "turned",
        /// Taken back by the constituent.
        Withdrawn = "withdrawn",
    }
}

words! {
    /// Who takes a step.
    Actor {
        Constituent = "constituent",
        Delegate = "delegate",
        /// Somebody who answers for the office that has the opinion.
        Office = "office",
        /// The liaison office of the delegates.
        Liaison = "liaison",
        Clock = "clock",
    }
}

words! {
    /// Who has a thread.
    Holder {
        Delegate = "delegate",
        /// Nobody succeeded the delegate yet.
        Liaison = "liaison",
    }
}

words! {
    /// How an opinion goes to an office.
    Choice {
        Named = "named",
        Unnamed = "unnamed",
        NotSent = "not_sent",
    }
}

words! {
    /// Whether the outcome may stand on the delegate's public page.
    Publication {
        No = "no",
        /// The constituent was asked, with the exact text.
        Offered = "offered",
        Agreed = "agreed",
        Declined = "declined",
    }
}

impl State {
    /// Whether nobody does anything more.
    #[must_use]
    pub const fn is_done(self) -> bool {
        matches!(self, Self::Closed | Self::Ended | Self::Withdrawn)
    }

    /// Whether somebody owes the constituent the next step.
    #[must_use]
    pub const fn is_owed(self) -> bool {
        matches!(self, Self::Waiting | Self::WithOffice | Self::Answered | Self::Turned)
    }
}

/// A thread as far as the machine looks at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Thread {
    pub state: State,
    pub holder: Holder,
    /// A visitor without a telephone, whose words the delegate notes.
    pub visitor: bool,
    /// Last day of the present wait.
    pub due: Option<Date>,
    /// Reminders of the present wait.
    pub level: u32,
    /// Last day before the next reminder.
    pub next_level: Option<Date>,
    /// Since when the office has the opinion.
    pub sent_on: Option<Date>,
    /// The office took more time for this opinion.
    pub extended: bool,
    /// The constituent turned to the liaison office.
    pub turned: bool,
    /// How the last opinion was to go.
    pub choice: Option<Choice>,
    /// 1–5.
    pub rating: Option<u8>,
    pub publication: Publication,
}
