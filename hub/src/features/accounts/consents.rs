//! Which versions of `/privacy` and `/rules` a person agreed to.

use signaling::http::desk::{Consent, Consents, Document, GiveConsent};
use signaling::limits::{PRIVACY_VERSION, RULES_VERSION};
use signaling::{PersonId, RefusalCode};
use sqlx::PgConnection;

use super::desk_queries as queries;
use crate::app::App;
use crate::error::{Error, Result};

const DOCUMENTS: [Document; 2] = [Document::Privacy, Document::Rules];

const fn in_force(document: Document) -> (&'static str, &'static str) {
    match document {
        Document::Privacy => ("privacy", PRIVACY_VERSION),
        Document::Rules => ("rules", RULES_VERSION),
    }
}

/// The pages in force, and when the person agreed to them.
pub async fn consents(connection: &mut PgConnection, person: PersonId) -> Result<Consents> {
    let mut consents = Vec::new();
    for document in DOCUMENTS {
        let (word, version) = in_force(document);
        let agreed_at = queries::agreed_at(connection, person, (word, version)).await?;
        consents.push(Consent { document, version: version.to_owned(), agreed_at });
    }
    Ok(Consents { consents })
}

/// Records that the person agrees to the version in force.
pub async fn agree(app: &App, person: PersonId, given: &GiveConsent) -> Result<Consents> {
    let (word, version) = in_force(given.document);
    if given.version != version {
        let sentence = "another version is in force; read that one";
        return Err(Error::refuse(RefusalCode::Conflict, sentence));
    }
    let mut connection = app.db.acquire().await?;
    queries::agree(&mut connection, person, (word, version), app.clock.now()).await?;
    consents(&mut connection, person).await
}
