//! Enumerations whose values are words: in tables, forms and addresses.

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$each:meta])* $value:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[$each])* $value,)*
        }

        impl $name {
            /// Every value, in the order in which people see them.
            pub const ALL: &'static [Self] = &[$(Self::$value,)*];

            /// The word.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$value => $word,)* }
            }

            /// The value behind a word.
            #[must_use]
            pub fn of(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.word() == word)
            }

            /// As [`Self::of`]; refuses a word that there is not.
            pub fn read(word: &str) -> Result<Self, signaling::Refusal> {
                let no = || {
                    let sentence = "choose one of the list";
                    signaling::Refusal::new(signaling::RefusalCode::InvalidInput, sentence)
                };
                Self::of(word).ok_or_else(no)
            }
        }
    };
}

/// Words under which values of the contract lie in the store: a function each way.
macro_rules! stored_words {
    ($word:ident, $of:ident, $kind:ident, $($name:ident = $text:literal,)*) => {
        /// The word in the store.
        pub(super) const fn $word(kind: $kind) -> &'static str {
            match kind { $($kind::$name => $text,)* }
        }

        /// What a word in the store means.
        pub(super) fn $of(word: &str) -> Result<$kind, crate::error::InconsistentRow> {
            match word {
                $($text => Ok($kind::$name),)*
                _ => Err(crate::error::InconsistentRow {
                    table: stringify!($kind),
                    column: "kind",
                    id: word.to_owned(),
                }),
            }
        }
    };
}

pub(in crate::features) use {stored_words, words};
