//! From a dossier to a verdict: [`judge`]. Pure, total and deterministic: the same dossier gives the same bytes.
//!
//! Each rule is one file with one function `find` and one line in [`RULES`]; a red flag is one file in `red_flags/` and
//! one line. The comment at the head of a rule's file explains it to people: what it sees, why it matters, what looks
//! alike and is innocent, and how sure it is: *proven* (bytes compared with bytes), *reproduced* (we ran it), *inferred*
//! (a chain of events), *suspected* (a pattern). A rule that could not look says so with a finding; nothing passes
//! because it was not looked at.

pub mod reading;
mod rules;
#[cfg(test)]
pub(super) mod sample;
mod sentence;

use std::collections::BTreeMap;

use crate::domain::decision::Overruling;
use crate::domain::dossier::Dossier;
use crate::domain::finding::{Finding, Overruled, Place, Severity};
use crate::domain::limits;
use crate::domain::unproven::Unproven;
use crate::domain::verdict::{Judgement, Verdict};

use crate::rules::cause;
use reading::{quote, workspace_paths};
use rules::honest_block;
pub use rules::{RULES, Rule, floor, may_block, names};

/// Judges a dossier.
pub fn judge(dossier: &Dossier) -> Judgement {
    judge_overruled(dossier, &[])
}

/// The same, where people have overruled some of what is found in it.
pub fn judge_overruled(dossier: &Dossier, overrulings: &[Overruling]) -> Judgement {
    let weigh = |rule| overruled(rule, weighed(rule, dossier), overrulings);
    let mut findings: Vec<Finding> = RULES
        .iter()
        .flat_map(|rule| fold(weigh(rule)))
        .map(|finding| match &dossier.seal.workspace {
            Some(workspace) => workspace_paths::relative(finding, workspace),
            None => finding,
        })
        .collect();
    findings.sort_by_cached_key(order);
    let verdict = verdict(dossier, &findings);
    Judgement {
        dossier: dossier.id.clone(),
        interaction: dossier.seal.spec.key.clone(),
        verdict,
        sentence: sentence::of(dossier, verdict, &findings),
        cause: cause::find(dossier, &findings),
        unproven: match verdict {
            Verdict::Countersigned | Verdict::NeedsALook => Unproven::of(&dossier.seal.spec).into(),
            Verdict::Blocked | Verdict::Refused => Box::default(),
        },
        findings,
    }
}

/// Any block refuses; else an honest block is a good end; else whatever is left for a person makes it need a look.
fn verdict(dossier: &Dossier, findings: &[Finding]) -> Verdict {
    match findings.iter().map(|finding| finding.severity).max() {
        Some(Severity::Block) => Verdict::Refused,
        _ if honest_block::refusal(dossier).is_some() => Verdict::Blocked,
        Some(Severity::Warn) => Verdict::NeedsALook,
        Some(Severity::Note) | None => Verdict::Countersigned,
    }
}

/// A rule's findings with the repository's own severities, which for a gate end at its floor. A finding that is milder
/// than the floor by itself stays as it is: the floor binds the repository, not the rule.
fn weighed(rule: &Rule, dossier: &Dossier) -> Vec<Finding> {
    let own = &dossier.seal.severities;
    let mut findings = (rule.find)(dossier);
    for finding in &mut findings {
        let by_finding = own.get_key_value(&finding.rule);
        let Some((name, wanted)) = by_finding.or_else(|| own.get_key_value(rule.name)) else {
            continue;
        };
        let wanted = (*wanted).max(rule.floor.min(finding.severity));
        if wanted != finding.severity {
            finding.overruled = Some(Overruled {
                own: finding.severity,
                reason: dossier.seal.reasons.get(name).cloned(),
                by: None,
            });
            finding.severity = wanted;
        }
    }
    findings
}

/// A rule's findings after people have overruled some. Nobody overrules what a gate found to less than a warning.
fn overruled(rule: &Rule, mut findings: Vec<Finding>, overrulings: &[Overruling]) -> Vec<Finding> {
    for finding in &mut findings {
        let by_name = |one: &&Overruling| one.rule == finding.rule;
        let Some(overruling) = overrulings.iter().rev().find(by_name) else {
            continue;
        };
        let wanted = rule.floor.min(finding.severity);
        if wanted != finding.severity {
            let before = finding.overruled.take();
            finding.overruled = Some(Overruled {
                own: before.map_or(finding.severity, |before| before.own),
                reason: Some(overruling.reason.clone()),
                by: Some(overruling.by.clone()),
            });
            finding.severity = wanted;
        }
    }
    findings
}

/// Keeps [`limits::FINDINGS_PER_NAME`] findings of each name, the worst ones, and makes one of the rest.
fn fold(mut findings: Vec<Finding>) -> Vec<Finding> {
    findings.sort_by_cached_key(order);
    let mut kept = Vec::new();
    let mut rest: BTreeMap<String, Vec<Finding>> = BTreeMap::new();
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for finding in findings {
        let count = counts.entry(finding.rule.clone()).or_default();
        *count += 1;
        if *count <= limits::FINDINGS_PER_NAME {
            kept.push(finding);
        } else {
            rest.entry(finding.rule.clone()).or_default().push(finding);
        }
    }
    for (rule, more) in rest {
        let places: Vec<String> = more
            .iter()
            .filter_map(|finding| named(&finding.place))
            .take(limits::PATHS_NAMED)
            .collect();
        let places = if places.is_empty() {
            String::new()
        } else {
            format!(", among them {}", places.join(", "))
        };
        kept.push(Finding {
            rule,
            severity: more
                .iter()
                .map(|finding| finding.severity)
                .max()
                .unwrap_or(Severity::Note),
            confidence: more
                .iter()
                .map(|finding| finding.confidence)
                .min()
                .unwrap_or_default(),
            overruled: None,
            place: Place::Build,
            sentence: format!("There are {} more of this kind{places}.", more.len()),
            evidence: Vec::new(),
        });
    }
    kept
}

fn named(place: &Place) -> Option<String> {
    match place {
        Place::Workspace { path } => Some(quote::line(path)),
        Place::Turn { number } => Some(format!("turn {number}")),
        Place::Wire { seq } => Some(format!("wire {seq}")),
        Place::Repository { path, .. } => Some(path.clone()),
        Place::Function { .. } | Place::Build => None,
    }
}

/// Worst first, then by rule and place.
fn order(finding: &Finding) -> (std::cmp::Reverse<Severity>, String, u8, String, u32, String) {
    let (kind, path, number) = match &finding.place {
        Place::Build => (0, "", 0),
        Place::Function { line } => (1, "", line.unwrap_or(0)),
        Place::Repository { path, line } => (2, path.as_str(), *line),
        Place::Workspace { path } => (3, path.as_str(), 0),
        Place::Turn { number } => (4, "", *number),
        Place::Wire { seq } => (5, "", *seq),
    };
    (
        std::cmp::Reverse(finding.severity),
        finding.rule.clone(),
        kind,
        path.to_owned(),
        number,
        finding.sentence.clone(),
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::sample::{self, Sample};
    use super::*;
    use crate::domain::claim::ClaimStatus;
    use crate::domain::clean_room::{Outcome, Taken};
    use crate::domain::dossier::Ended;
    use crate::domain::finding::Confidence;
    use crate::domain::tape::{AccessRefused, Phase};
    use crate::domain::transcript::ToolStatus;
    use crate::domain::tree::Entry;

    #[test]
    fn names_are_kebab_case_and_each_stands_once() {
        let mut seen = std::collections::BTreeSet::new();
        for rule in RULES {
            for name in rule.finds {
                assert!(seen.insert(*name), "{name} is found by two rules");
                assert!(
                    name.parse::<crate::domain::name::FunctionName>().is_ok(),
                    "{name}"
                );
            }
        }
        assert!(names().count() > 30);
    }

    #[test]
    fn a_repository_may_raise_and_lower_by_rule_or_by_finding() {
        let mut sample = sample::action();
        sample.leave("NOTES.md", "x");
        sample
            .seal
            .severities
            .insert("forbidden".into(), Severity::Warn);
        sample
            .seal
            .reasons
            .insert("forbidden".into(), "generated notes".into());
        let judgement = judge(&sample.build());
        assert_eq!(judgement.verdict, Verdict::NeedsALook);
        let overruled = judgement.findings[0].overruled.clone().expect("it is told");
        assert_eq!(overruled.reason.as_deref(), Some("generated notes"));
        assert_eq!(overruled.own, Severity::Note);
        sample
            .seal
            .severities
            .insert("forbidden".into(), Severity::Block);
        assert_eq!(judge(&sample.build()).verdict, Verdict::Refused);
        sample
            .seal
            .severities
            .insert("stray-file".into(), Severity::Note);
        assert_eq!(judge(&sample.build()).verdict, Verdict::Countersigned);
    }

    #[test]
    fn who_overrules_a_finding_is_named_and_a_gate_stays_a_warning() {
        let overruling = |rule: &str| Overruling {
            by: "ada".into(),
            rule: rule.into(),
            reason: "our notes".into(),
        };
        let mut sample = sample::action();
        sample.leave("vitest.config.ts", "x");
        let dossier = sample.build();
        let plain = judge(&dossier);
        let name = plain.findings[0].rule.clone();
        assert_eq!(plain.verdict, Verdict::Refused);
        let other = judge_overruled(&dossier, &[overruling("unread-pages")]);
        assert_eq!(other, plain);
        let judgement = judge_overruled(&dossier, &[overruling(&name)]);
        assert_eq!(judgement.verdict, Verdict::Countersigned, "{judgement:#?}");
        let of = |finding: &&Finding| finding.rule == name;
        let told = judgement.findings.iter().find(of).expect("it stays");
        let told = told.overruled.clone().expect("it is told");
        assert_eq!(
            (told.own, told.by.as_deref()),
            (Severity::Block, Some("ada"))
        );

        let mut sample = sample::action();
        sample.seal.room.tests.outcome = Outcome::Failed;
        let dossier = sample.build();
        let plain = judge(&dossier);
        assert_eq!(plain.verdict, Verdict::Refused);
        let gate = overruling(&plain.findings[0].rule);
        assert_eq!(
            judge_overruled(&dossier, &[gate]).verdict,
            Verdict::NeedsALook
        );
    }

    #[test]
    fn findings_come_worst_first() {
        let mut sample = sample::action();
        sample.leave("NOTES.md", "x");
        sample.leave("vitest.config.ts", "x");
        for invented in ["test", "validate", "record"] {
            sample.bash(&format!("nango {invented}"), 1, "");
        }
        let judgement = judge(&sample.build());
        let severities: Vec<Severity> = judgement
            .findings
            .iter()
            .map(|finding| finding.severity)
            .collect();
        assert_eq!(
            severities,
            [Severity::Block, Severity::Warn, Severity::Note]
        );
        assert!(
            judgement
                .sentence
                .starts_with("The agent added vitest.config.ts"),
            "{}",
            judgement.sentence
        );
    }

    fn words() -> impl Strategy<Value = String> {
        let shelly = prop::sample::select(vec![
            "cat ",
            "> ",
            "x.test.json",
            "$(",
            ")",
            "'",
            "\"",
            "<<EOF\n",
            "EOF\n",
            "nango ",
            "dryrun ",
            "--save ",
            "../",
            "/etc/passwd ",
            "| ",
            "&& ",
            "; ",
            "node -e ",
            "if ",
            "fi ",
            "{ ",
            "}",
            "`",
            "~",
            "${A:-b}",
            "\\",
            "vitest ",
            "é",
            "\0",
            "bash -c ",
            "cd ",
            "-i ",
        ]);
        prop::collection::vec(shelly, 0..14).prop_map(|parts| parts.concat())
    }

    fn json_value() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            Just(json!(null)),
            any::<bool>().prop_map(|value| json!(value)),
            any::<i32>().prop_map(|value| json!(value)),
            any::<f64>().prop_map(|value| json!(value)),
            words().prop_map(|value| json!(value)),
        ];
        leaf.prop_recursive(3, 12, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(|items| json!(items)),
                prop::collection::btree_map("[a-d/]{0,3}", inner, 0..4).prop_map(|map| json!(map)),
            ]
        })
    }

    #[derive(Debug, Clone)]
    enum Mess {
        Bash(String, i32),
        Tool(&'static str, serde_json::Value),
        Words(String),
        Exchange(bool, &'static str, String, u16, String),
        Leave(String, String),
        Link(String),
        Offer(serde_json::Value),
        Record(serde_json::Value),
        Api(serde_json::Value),
        Say(u8, String),
        Ended(u8),
        Room(u8),
        Allow(String),
        Severity(&'static str, u8),
    }

    fn mess() -> impl Strategy<Value = Mess> {
        let path = prop::sample::select(vec![
            "",
            "index.ts",
            "package.json",
            "build/x",
            ".nango/nango.json",
            "a//b",
            "../x",
            "google-calendar/tests/create-event.test.json",
            "google-calendar/actions/create-event.ts",
            "é",
            "mocks/x",
            "/proxy/",
            "/proxy//x",
            "/proxy/a%zz%41%",
            sample::EVENTS,
        ])
        .prop_map(str::to_owned);
        let tool = prop::sample::select(vec![
            "read",
            "write",
            "edit",
            "apply_patch",
            "bash",
            "unknown",
        ]);
        let method = prop::sample::select(vec!["GET", "POST", "post"]);
        let name = prop::sample::select(names().collect::<Vec<_>>());
        prop_oneof![
            (words(), -1..3).prop_map(|(text, exit)| Mess::Bash(text, exit)),
            (tool, json_value()).prop_map(|(tool, input)| Mess::Tool(tool, input)),
            words().prop_map(Mess::Words),
            (any::<bool>(), method, path.clone(), 100..600u16, words()).prop_map(
                |(agent, method, path, status, answer)| Mess::Exchange(
                    agent, method, path, status, answer
                )
            ),
            (path.clone(), words()).prop_map(|(path, content)| Mess::Leave(path, content)),
            path.clone().prop_map(Mess::Link),
            json_value().prop_map(Mess::Offer),
            json_value().prop_map(Mess::Record),
            json_value().prop_map(Mess::Api),
            (0..4u8, words()).prop_map(|(status, words)| Mess::Say(status, words)),
            (0..4u8).prop_map(Mess::Ended),
            (0..8u8).prop_map(Mess::Room),
            path.prop_map(Mess::Allow),
            (name, 0..3u8).prop_map(|(name, severity)| Mess::Severity(name, severity)),
        ]
    }

    fn make(sample: &mut Sample, mess: Mess) {
        match mess {
            Mess::Bash(text, exit) => sample.bash(&text, exit, &text),
            Mess::Tool(tool, input) => sample.tool(tool, input, ToolStatus::Completed, ""),
            Mess::Words(text) => sample.words(&text),
            Mess::Exchange(agent, method, path, status, answer) => {
                let phase = if agent {
                    Phase::Agent
                } else {
                    Phase::CleanRoom
                };
                sample.exchange(phase, method, &path, status, &answer);
            }
            Mess::Leave(path, content) => sample.leave(&path, &content),
            Mess::Link(path) => {
                sample
                    .seal
                    .after
                    .0
                    .insert(path.clone(), Entry::Link { target: path });
            }
            Mess::Offer(value) => sample.offer(&value),
            Mess::Record(value) => sample.record(&value),
            Mess::Api(value) => sample.record(&json!({"api": {"get": {"/x": value}}})),
            Mess::Say(0, text) => sample.say(ClaimStatus::Done, &text),
            Mess::Say(1, text) => sample.say(ClaimStatus::Blocked, &text),
            Mess::Say(2, text) => sample.say(ClaimStatus::Partial, &text),
            Mess::Say(_, text) => sample.ran(&[&text]),
            Mess::Ended(0) => {
                sample.seal.ended = Ended::Limit {
                    which: "1 token".into(),
                }
            }
            Mess::Ended(1) => {
                sample.seal.ended = Ended::ProviderFailed {
                    message: String::new(),
                }
            }
            Mess::Ended(_) => {
                sample.seal.ended = Ended::AccessRefused(AccessRefused {
                    status: 403,
                    method: "GET".into(),
                    path: String::new(),
                    seqs: vec![7, 1],
                    message: String::new(),
                });
            }
            Mess::Room(0) => sample.seal.room.function = Taken::Missing,
            Mess::Room(1) => sample.seal.room.save.outcome = Outcome::Failed,
            Mess::Room(2) => sample.seal.room.tests.outcome = Outcome::Broken,
            Mess::Room(3) => sample.seal.room.compile.outcome = Outcome::Skipped,
            Mess::Room(4) => sample.seal.room.tests_passed = 0,
            Mess::Room(5) => sample.seal.room.recording = None,
            Mess::Room(6) => sample.seal.room.test = None,
            Mess::Room(_) => sample.seal.workspace = Some("/".into()),
            Mess::Allow(path) => sample.seal.allowed.push(path),
            Mess::Severity(name, severity) => {
                let severity =
                    [Severity::Note, Severity::Warn, Severity::Block][usize::from(severity)];
                sample.seal.severities.insert(name.into(), severity);
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn judging_is_total_deterministic_and_keeps_to_its_table(messes in prop::collection::vec(mess(), 0..12)) {
            let mut sample = sample::action();
            for mess in messes {
                make(&mut sample, mess);
            }
            let dossier = sample.build();
            let judgement = judge(&dossier);
            let again = judge(&dossier);
            prop_assert_eq!(
                serde_json::to_string(&judgement).expect("JSON"),
                serde_json::to_string(&again).expect("JSON")
            );
            for finding in &judgement.findings {
                prop_assert!(names().any(|name| name == finding.rule), "{} is in no table", finding.rule);
                prop_assert!(finding.sentence.ends_with('.'), "{}", finding.sentence);
                let raised = !dossier.seal.severities.is_empty();
                let blocks = finding.severity == Severity::Block;
                let may = RULES.iter().any(|rule| rule.blocks.contains(&finding.rule.as_str()));
                prop_assert!(raised || !blocks || may, "{} is not among those that may block", finding.rule);
                prop_assert!(raised || !blocks || finding.confidence > Confidence::Suspected, "{}", finding.rule);
            }
            let worst = judgement.findings.iter().map(|finding| finding.severity).max();
            prop_assert_eq!(judgement.verdict == Verdict::Refused, worst == Some(Severity::Block));
            prop_assert!(judgement.verdict != Verdict::Countersigned || dossier.seal.room.passed());
        }
    }
}
