//! **Credentials exposed**: the function hands out the credentials of its connection.
//!
//! Sees what `getConnection().credentials`, `getToken()`, `getRawTokenResponse()` and `getEnvironmentVariables()` give, or a
//! part of it, where it is written to the log, thrown, returned or saved, by whatever names it went. Behind our walls they are
//! blank, so no trial shows it; in production they stand in a log that many can read. What looks alike: credentials in a request
//! (some APIs want an account's number or a key there), and what is no secret of them (`type`, `expires_at`). Not seen: what
//! goes through a function or a variable that is changed. Base rate: docs/verification.md. Confidence: *suspected*.

use super::finding::{once, suspected};
use crate::domain::dossier::Dossier;
use crate::domain::finding::Finding;
use crate::rules::judge::reading::typescript::facts::{Goes, Source};

pub(super) fn find(_: &Dossier, source: &Source) -> Vec<Finding> {
    let found = source.exposed.iter().map(|exposed| {
        let what = exposed.of.written();
        let goes = match exposed.goes {
            Goes::Message => "writes it to a log or into an error",
            Goes::Out | Goes::Request | Goes::Elsewhere => "gives it out as a result",
        };
        suspected(
            "credentials-exposed",
            exposed.line,
            format!("The function reads credentials (`{what}`) and {goes}."),
        )
    });
    once(found.collect())
}

#[cfg(test)]
mod tests {
    use crate::rules::judge::sample::found_in_exec;

    #[test]
    fn credentials_that_leave_are_seen_by_whatever_way() {
        for text in [
            "const c = await nango.getConnection(); await nango.log(JSON.stringify(c.credentials)); await nango.get({ retries: 3 });",
            "await nango.log(`token ${await nango.getToken()}`); await nango.get({ retries: 3 });",
            "const { credentials } = await nango.getConnection(); await nango.get({ retries: 3 }); return { id: credentials.access_token };",
            "const c = await nango.getConnection(); console.log('c', c); await nango.get({ retries: 3 });",
            "await nango.get({ retries: 3 }); const t = await nango.getToken(); throw new nango.ActionError({ message: String(t) });",
            "await nango.get({ retries: 3 }); await nango.batchSave([{ id: '1', a: await nango.getToken() }], 'M');",
        ] {
            assert!(
                found_in_exec(text).contains(&"credentials-exposed".to_owned()),
                "{text}"
            );
        }
    }

    #[test]
    fn credentials_in_requests_and_what_is_no_secret_are_innocent() {
        for text in [
            "const c = await nango.getConnection(); await nango.get({ retries: 3, endpoint: `/accounts/${c.credentials.username}/calls` });",
            "const c = await nango.getConnection(); await nango.log(c.credentials.type); await nango.get({ retries: 3 });",
            "const c = await nango.getConnection(); await nango.log(c.credentials ? 'there' : 'gone'); await nango.get({ retries: 3 });",
            "const c = await nango.getConnection(); if (c.credentials.access_token === undefined) { throw new nango.ActionError({ message: 'no token' }); } await nango.get({ retries: 3 });",
            "const c = await nango.getConnection(); await nango.log(c.connection_config['subdomain']); await nango.get({ retries: 3 });",
            "const token = await nango.getToken(); await nango.get({ retries: 3, headers: { authorization: `Bearer ${token}` } });",
        ] {
            assert!(
                !found_in_exec(text).contains(&"credentials-exposed".to_owned()),
                "{text}"
            );
        }
    }
}
