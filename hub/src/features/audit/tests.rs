//! Chains that somebody with the rights of the store's owner broke.

use signaling::OrganisationId;
use sqlx::{Connection as _, PgConnection, query};
use time::macros::datetime;
use uuid::Uuid;

use super::{Break, Damage, Entry, Verified, control, ends, record, verify};
use crate::testing::TestDatabase;

const ONE: OrganisationId = OrganisationId(Uuid::from_u128(1));
const OTHER: OrganisationId = OrganisationId(Uuid::from_u128(2));

/// A database without its guards, and chains of six and three records.
async fn chains(database: &TestDatabase) -> PgConnection {
    let mut connection = fresh(database).await;
    for statement in [
        "ALTER TABLE audit_record DROP CONSTRAINT audit_record_organisation_fkey",
        "ALTER TABLE audit_head DROP CONSTRAINT audit_head_organisation_fkey",
        "ALTER TABLE audit_record DISABLE TRIGGER USER",
    ] {
        query(statement).execute(&mut connection).await.expect(statement);
    }
    for (of, count) in [(ONE, 6), (OTHER, 3)] {
        for _ in 0..count {
            let (action, detail) = ("sign_in", "林禾川签到");
            let entry = Entry { organisation: of, actor: None, action, object: of.uuid(), detail };
            let now = datetime!(2026-11-25 11:30 UTC);
            record(&mut connection, now, &entry).await.expect("recorded");
        }
    }
    connection
}

async fn fresh(database: &TestDatabase) -> PgConnection {
    PgConnection::connect_with(&database.options()).await.expect("connected")
}

/// What is found after some statements, which are taken back.
async fn found(connection: &mut PgConnection, statements: &[&'static str]) -> Vec<(i64, Damage)> {
    let noted = ends(connection).await.expect("read");
    let mut broken = connection.begin().await.expect("begun");
    for statement in statements {
        query(*statement).execute(&mut *broken).await.expect(statement);
    }
    let verified = verify(&mut broken, &noted).await.expect("read");
    broken.rollback().await.expect("taken back");
    let of_one = |one: &Break| {
        assert_eq!(one.organisation, ONE, "{one:?}");
        (one.n, one.damage)
    };
    verified.breaks.iter().map(of_one).collect()
}

/// Statements, and what is found after them.
type Case = (&'static [&'static str], &'static [(i64, Damage)]);

#[tokio::test]
async fn each_kind_of_tampering_is_named_with_its_place() {
    let database = TestDatabase::new().await;
    let mut connection = chains(&database).await;
    assert_eq!(found(&mut connection, &[]).await, []);
    let cases: [Case; 9] = [
        (&["UPDATE audit_record SET detail = 'x' WHERE n = 4"], &[(4, Damage::Edited)]),
        (
            &["UPDATE audit_record SET at = at + interval '1 second' WHERE n = 6"],
            &[(6, Damage::Edited)],
        ),
        (&["UPDATE audit_record SET actor = object WHERE n = 5"], &[(5, Damage::Edited)]),
        (&["DELETE FROM audit_record WHERE n = 4"], &[(4, Damage::Missing { last: 4 })]),
        (&["DELETE FROM audit_record WHERE n IN (4, 5)"], &[(4, Damage::Missing { last: 5 })]),
        (
            &[
                "UPDATE audit_record SET n = 40 WHERE n = 4",
                "UPDATE audit_record SET n = 4 WHERE n = 5",
                "UPDATE audit_record SET n = 5 WHERE n = 40",
            ],
            &[(4, Damage::Moved { from: 5 }), (5, Damage::Moved { from: 4 })],
        ),
        (&["DELETE FROM audit_record WHERE n > 4"], &[(5, Damage::CutOff { last: 6 })]),
        (
            &[
                "DELETE FROM audit_record WHERE n > 4",
                "UPDATE audit_head SET n = r.n, h = r.h FROM audit_record r
                 WHERE r.n = 4 AND r.organisation = audit_head.organisation",
            ],
            &[(5, Damage::CutOff { last: 6 })],
        ),
        (&["UPDATE audit_head SET h = sha256('x') WHERE n = 6"], &[(6, Damage::EndDiffers)]),
    ];
    for (statements, expected) in cases {
        assert_eq!(found(&mut connection, statements).await, expected, "{statements:?}");
    }
}

#[tokio::test]
async fn whole_chains_are_counted_and_no_chain_is_no_fault() {
    let database = TestDatabase::new().await;
    let mut empty = fresh(&database).await;
    let nothing = verify(&mut empty, &[]).await.expect("read");
    assert_eq!(nothing, Verified::default());
    let mut connection = chains(&database).await;
    let all = verify(&mut connection, &[]).await.expect("read");
    assert_eq!(all, Verified { chains: 2, records: 9, breaks: Vec::new() });
    // A chain that is gone altogether is missed by whoever noted its end.
    let noted = ends(&mut connection).await.expect("read");
    for statement in ["DELETE FROM audit_record WHERE n < 9", "DELETE FROM audit_head"] {
        query(statement).execute(&mut connection).await.expect(statement);
    }
    let gone = verify(&mut connection, &noted).await.expect("read").breaks;
    let cut = |organisation, last| Break { organisation, n: 1, damage: Damage::CutOff { last } };
    assert_eq!(gone, [cut(ONE, 6), cut(OTHER, 3)]);
}

#[tokio::test]
async fn the_control_finds_every_way_and_leaves_the_chains_alone() {
    let database = TestDatabase::new().await;
    let now = datetime!(2026-11-25 12:00 UTC);
    let made_up = control(&mut fresh(&database).await, now).await.expect("done");
    assert_eq!((made_up.copied, made_up.records), (None, 5));
    assert_eq!((made_up.missed, made_up.broken), (vec![], vec![]));
    let mut connection = chains(&database).await;
    let copied = control(&mut fresh(&database).await, now).await.expect("done");
    assert_eq!((copied.copied, copied.records), (Some(ONE), 6));
    assert_eq!((copied.missed, copied.broken), (vec![], vec![]));
    let all = verify(&mut connection, &[]).await.expect("read");
    assert_eq!(all, Verified { chains: 2, records: 9, breaks: Vec::new() });
    query("UPDATE audit_record SET detail = 'x' WHERE n = 4")
        .execute(&mut connection)
        .await
        .expect("done");
    let broken = control(&mut fresh(&database).await, now).await.expect("done").broken;
    assert_eq!(broken, [Break { organisation: ONE, n: 4, damage: Damage::Edited }]);
}

#[test]
fn a_place_is_named_in_words() {
    let words = |n, damage| Break { organisation: ONE, n, damage }.to_string();
    assert_eq!(words(4, Damage::Missing { last: 4 }), "record 4 is missing");
    assert_eq!(words(4, Damage::Missing { last: 6 }), "records 4 to 6 are missing");
    assert_eq!(words(5, Damage::CutOff { last: 9 }), "records 5 to 9 were cut off the end");
}
