//! The customer's word lists over what everybody reads: boards, names in front, published answers.
//!
//! None ships with the product; numbers of telephones, people and cards are masked without a list
//! (`text.rs`). Talks of groups, members and delegates are never looked at. Every entry stays on
//! record with who made it.

pub mod pages;
mod queries;
mod rules;

use signaling::limits::{WORD_CHARS_MAX, WORD_CHARS_MIN, WORDS_MAX};
use signaling::{PersonId, Refusal, RefusalCode};
use sqlx::PgConnection;

use self::rules::normal;
pub use self::rules::{Lists, Treatment};
use crate::app::App;
use crate::error::{Error, Fault, Result};

/// The lists of now.
pub async fn lists(connection: &mut PgConnection) -> Result<Lists> {
    let words = queries::in_force(connection).await?;
    Ok(Lists::new(&words).map_err(Fault::new)?)
}

/// Refuses texts with a word that is not taken; returns the words for which a person looks first.
pub fn check(lists: &Lists, texts: &[&str]) -> Result<Vec<String>, Refusal> {
    let blocked = lists.found(Treatment::Block, texts);
    if blocked.is_empty() {
        return Ok(lists.found(Treatment::Hold, texts));
    }
    Err(Refusal::new(RefusalCode::WordsNotAllowed, blocked.join(", ")))
}

/// As [`check`], where no person would look before everybody reads it.
pub fn check_unseen(lists: &Lists, texts: &[&str]) -> Result<(), Refusal> {
    let held = check(lists, texts)?;
    if held.is_empty() {
        return Ok(());
    }
    Err(Refusal::new(RefusalCode::WordsNotAllowed, held.join(", ")))
}

/// Enters words, one a line, in a list; a word that stands in a list already moves to this one.
/// Returns how many were entered.
async fn enter(app: &App, by: PersonId, (words, treatment): (&str, Treatment)) -> Result<usize> {
    let words: Vec<&str> = words.lines().map(str::trim).filter(|word| !word.is_empty()).collect();
    let fits = |word: &&str| {
        let chars = word.chars().count();
        (WORD_CHARS_MIN..=WORD_CHARS_MAX).contains(&chars)
            && normal(word).0.chars().count() >= WORD_CHARS_MIN
    };
    if words.is_empty() || !words.iter().all(fits) {
        let sentence =
            format!("a word has {WORD_CHARS_MIN} to {WORD_CHARS_MAX} letters; one word a line");
        return Err(Error::refuse(RefusalCode::InvalidInput, sentence));
    }
    let now = app.clock.now();
    let mut transaction = app.db.begin().await?;
    queries::lock(&mut transaction).await?;
    let standing = queries::in_force(&mut transaction).await?;
    if standing.len().saturating_add(words.len()) > WORDS_MAX {
        let sentence = format!("the lists have room for {WORDS_MAX} words; take some off first");
        return Err(Error::refuse(RefusalCode::TooLarge, sentence));
    }
    for word in &words {
        if let Some(old) = standing.iter().find(|entry| entry.word == *word) {
            queries::end(&mut transaction, old.id, (by, now)).await?;
        }
        let id = app.ids.next();
        queries::insert(&mut transaction, (id, word, treatment), (by, now)).await?;
    }
    transaction.commit().await?;
    app.pages.moved();
    Ok(words.len())
}

/// Takes a word off.
async fn take_off(app: &App, by: PersonId, id: &str) -> Result<()> {
    let no = || Error::refuse(RefusalCode::NotFound, "there is no such word");
    let id = id.parse().map_err(|_| no())?;
    let mut connection = app.db.acquire().await?;
    let ended = queries::end(&mut connection, id, (by, app.clock.now())).await?;
    app.pages.moved();
    if ended { Ok(()) } else { Err(no()) }
}
