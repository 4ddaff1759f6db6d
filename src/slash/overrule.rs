//! Says that a finding does not count, and why: the function is judged again without it, on the same evidence, and the report
//! names who overruled it. A function that is built anew is looked at anew. What a check found that a function has to pass
//! stays a warning, so that it *needs a look* at best. It is for those who maintain the repository, and those whom its settings list
//! under `overrulers`. A finding that several interactions have needs the name of one behind it. It begins a run, in which all other
//! verdicts stand.

use crate::domain::decision::Overrule;
use crate::domain::finding::Severity;
use crate::domain::limits;
use crate::domain::permission::Permission;
use crate::domain::row::{Row, State};
use crate::rules::comment::CommandLine;
use crate::rules::judge;
use crate::rules::own_words::words;

use super::command::{Reply, Seen, SlashCommand, code};
use super::names;

pub(super) const COMMAND: SlashCommand = SlashCommand {
    name: "overrule",
    usage: "/overrule finding [interaction…] reason",
    // By whom it counts is decided with the settings.
    needs: Permission::Write,
    source: include_str!("overrule.rs"),
    reply,
};

fn reply(command: &CommandLine, seen: &Seen<'_>) -> Reply {
    overrules(command, seen).map_or_else(|markdown| Reply::Misuse { markdown }, Reply::Overrule)
}

fn overrules(command: &CommandLine, seen: &Seen<'_>) -> Result<Vec<Overrule>, String> {
    let line = command.line.trim();
    let Some(word) = line.split_whitespace().next() else {
        return Err("`/overrule` needs the name of a finding, and a reason.".into());
    };
    let name = word.trim_end_matches([':', ',', '.']).to_ascii_lowercase();
    let rest = line[word.len()..].trim_start();
    let rows = seen.view.map_or(&[][..], |view| &view.rows);
    let found = |row: &&Row| findings(row).any(|(finding, _)| finding == name);
    let floor = judge::floor(&name);
    let having: Vec<&Row> = rows
        .iter()
        .filter(|row| findings(row).any(|one| one.0 == name && one.1 > floor))
        .collect();
    if having.is_empty() && rows.iter().any(|row| found(&row)) {
        let shown = code(&name);
        return Err(format!(
            "{shown} is of a check that a function has to pass, so it stays the warning that it is."
        ));
    }
    if having.is_empty() {
        let known = rows.iter().flat_map(findings).map(|(name, _)| name);
        return Err(names::no_finding(&name, known));
    }
    let keys: Vec<_> = having.iter().map(|row| row.key.clone()).collect();
    let about = seen.about.filter(|key| keys.contains(key));
    let about = about.or(match &keys[..] {
        [only] => Some(only),
        _ => None,
    });
    let named = names::after(
        rest,
        &Seen {
            about,
            interactions: &keys,
            ..*seen
        },
    )?;
    if named.keys.is_empty() {
        let all: Vec<String> = keys.iter().map(|key| format!("`{key}`")).collect();
        let (name, all) = (code(&name), all.join(", "));
        return Err(format!(
            "{name} was found in several interactions: {all}. Name those that you mean behind it."
        ));
    }
    let reason = words(
        &format!("{}\n{}", named.rest, command.below.text),
        limits::REASON_CHARS,
    );
    if reason.text.is_empty() {
        return Err("`/overrule` needs a reason behind the names; the report shows it.".into());
    }
    let meant = having
        .into_iter()
        .filter(|row| named.keys.contains(&row.key));
    Ok(meant
        .filter_map(|row| match &row.state {
            State::Judged { judgement } => Some(Overrule {
                rule: name.clone(),
                interaction: row.key.clone(),
                dossier: judgement.dossier.clone(),
                reason: reason.clone(),
            }),
            _ => None,
        })
        .collect())
}

/// What counts against an interaction: names and severities.
fn findings(row: &Row) -> impl Iterator<Item = (&str, Severity)> {
    let findings = match &row.state {
        State::Judged { judgement } => judgement.findings.as_slice(),
        _ => &[],
    };
    let counting = findings
        .iter()
        .filter(|finding| finding.severity > Severity::Note);
    counting.map(|finding| (finding.rule.as_str(), finding.severity))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::dossier::{Guard, Walls};
    use crate::domain::event::{Event, Logged};
    use crate::domain::finding::{Confidence, Finding, Place};
    use crate::domain::name::{Digest, InteractionKey, Sha};
    use crate::domain::plan::{Plan, Step};
    use crate::domain::project::{ProjectFolder, Projects};
    use crate::domain::settings::{Commit, Mode};
    use crate::domain::transcript::Usage;
    use crate::domain::verdict::{Judgement, Verdict};
    use crate::domain::view::View;
    use crate::rules::{comment, specs};

    /// A run that has refused these.
    fn refused(all: Vec<(&str, Vec<Finding>)>) -> View {
        let sha = || -> Sha { "a".repeat(40).parse().expect("a sha") };
        let steps = all.iter().map(|(key, _)| Step::Build {
            spec: specs::sample::spec(key),
            fingerprint: Digest::of(b""),
        });
        let planned = Event::Planned {
            plan: Plan {
                steps: steps.collect(),
                ..Plan::default()
            },
            merge_base: sha(),
            base: None,
            projects: Projects::one(ProjectFolder::named("nango-integrations")),
            commit: Commit::Countersigned,
            watched: Mode::Strict,
        };
        let judged = all.into_iter().map(|(key, findings)| Event::Judged {
            spec: Box::new(specs::sample::spec(key)),
            fingerprint: Digest::of(b""),
            judgement: Judgement {
                dossier: Digest::of(key.as_bytes()),
                interaction: key.parse().expect("a key"),
                verdict: Verdict::Refused,
                sentence: String::new(),
                findings,
                cause: None,
                unproven: Box::default(),
            },
            usage: Usage::default(),
            took_ms: 1,
            walls: Walls {
                shell: String::new(),
                file_tools: Guard::Up,
            },
        });
        let events: Vec<Logged> = [planned]
            .into_iter()
            .chain(judged)
            .map(|event| Logged {
                seq: 1,
                at_ms: 1,
                event,
            })
            .collect();
        View::of(&events)
    }

    #[test]
    fn it_wants_a_finding_that_counts_and_a_reason() {
        let found = |rule: &str, severity| {
            let (place, sentence) = (Place::Build, "Something was found.".to_owned());
            Finding::new(rule, severity, Confidence::Proven, place, sentence, vec![])
        };
        let unread = || found("unread-pages", Severity::Block);
        let view = refused(vec![
            (
                "slack/users",
                vec![unread(), found("stray-file", Severity::Note)],
            ),
            (
                "slack/mail",
                vec![
                    unread(),
                    found("secret-read", Severity::Warn),
                    found("behaves-otherwise", Severity::Warn),
                ],
            ),
        ]);
        let keys: Vec<InteractionKey> = view.rows.iter().map(|row| row.key.clone()).collect();
        let at = |text: &str, about| {
            let seen = Seen {
                view: Some(&view),
                about,
                interactions: &keys,
                commands: &[],
            };
            match reply(&comment::lines(text)[0], &seen) {
                Reply::Overrule(all) => Ok(all
                    .into_iter()
                    .map(|one| format!("{} {}: {}", one.rule, one.interaction, one.reason.text))
                    .collect::<Vec<_>>()),
                Reply::Misuse { markdown } => Err(markdown),
                other => panic!("{other:?}"),
            }
        };
        let of = |text: &str| at(text, None);
        let one = "secret-read slack/mail: It is a sample.".to_owned();
        assert_eq!(
            of("/overrule secret-read It is a sample."),
            Ok(vec![one.clone()])
        );
        assert_eq!(
            of("/overrule Secret-Read: mail It is a sample."),
            Ok(vec![one])
        );
        let of_users = "unread-pages slack/users: one page".to_owned();
        assert_eq!(
            of("/overrule unread-pages users one page"),
            Ok(vec![of_users.clone()])
        );
        assert_eq!(
            of("/overrule unread-pages users, mail: one page").map(|all| all.len()),
            Ok(2)
        );
        assert_eq!(
            at("/overrule unread-pages one page", Some(&keys[0])),
            Ok(vec![of_users])
        );
        let several = of("/overrule unread-pages").expect_err("vague");
        assert!(several.contains("`slack/users`, `slack/mail`"), "{several}");
        for (vague, says) in [
            ("/overrule", "needs the name of a finding"),
            ("/overrule secret-read", "needs a reason"),
            (
                "/overrule secret-raed It is a sample.",
                "Did you mean `secret-read`?",
            ),
            (
                "/overrule behaves-otherwise It is a sample.",
                "stays the warning",
            ),
            // A note counts for nothing already.
            (
                "/overrule stray-file It is a sample.",
                "no finding `stray-file`",
            ),
        ] {
            let why = of(vague).expect_err(vague);
            assert!(why.contains(says), "{vague}: {why}");
        }
    }
}
