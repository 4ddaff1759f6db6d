//! What people have decided on a pull request so far: the decisions of all its runs, folded.

use std::collections::BTreeMap;

use super::decision::{Decisions, Off, Overruling, Overrulings, Skipped};
use super::event::Event;
use super::history::History;
use super::name::InteractionKey;
use super::permission::Permission;
use super::pull::Cause;

impl Decisions {
    /// Whether whoever wrote it may overrule findings: by role, or because the settings list them.
    pub fn may_overrule(&self, by: &str, listed: &[String]) -> bool {
        let is_listed = listed.iter().any(|login| login.eq_ignore_ascii_case(by));
        self.role >= Permission::Maintain || (self.role >= Permission::Write && is_listed)
    }
}

impl History {
    /// The interactions that are left alone: somebody said so, and nobody has asked for them by name since.
    pub fn skipped(&self) -> BTreeMap<InteractionKey, Skipped> {
        let mut skipped = BTreeMap::new();
        for event in self.events() {
            match event {
                Event::Requested { request } => {
                    if let Cause::Retry { only, .. } = &request.cause {
                        skipped.retain(|key, _| !only.contains(key));
                    }
                    let Some((by, decisions)) = request.cause.decisions() else {
                        continue;
                    };
                    for skip in &decisions.skips {
                        skipped.extend(skip.of.iter().map(|key| {
                            let (by, reason) = (by.to_owned(), skip.reason.clone());
                            (key.clone(), Skipped { by, reason })
                        }));
                    }
                }
                Event::CalledOff {
                    interaction,
                    by,
                    off: Off::Skipped { reason },
                    ..
                } => {
                    let (by, reason) = (by.clone(), reason.clone());
                    skipped.insert(interaction.clone(), Skipped { by, reason });
                }
                _ => {}
            }
        }
        skipped
    }

    /// The findings that do not count any more. `listed` may overrule besides those whose role allows it.
    pub fn overrulings(&self, listed: &[String]) -> Overrulings {
        let mut all = Overrulings::default();
        for event in self.events() {
            let Event::Requested { request } = event else {
                continue;
            };
            let Some((by, decisions)) = request.cause.decisions() else {
                continue;
            };
            if !decisions.may_overrule(by, listed) {
                continue;
            }
            for overrule in &decisions.overrules {
                let overruling = Overruling {
                    by: by.to_owned(),
                    rule: overrule.rule.clone(),
                    reason: overrule.reason.text.clone(),
                };
                all.add(overrule.dossier.clone(), overruling);
            }
        }
        all
    }

    /// Whether a comment has taken an interaction out of a run already.
    pub fn was_called_off(&self, key: &InteractionKey, by_comment: u64) -> bool {
        self.events().any(|event| {
            matches!(event, Event::CalledOff { interaction, comment, .. }
                if interaction == key && *comment == by_comment)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::beginning::Start;
    use crate::domain::decision::{Overrule, Skip};
    use crate::domain::event::Logged;
    use crate::domain::guidance::Words;
    use crate::domain::history::PastRun;
    use crate::domain::name::Digest;
    use crate::domain::pull::{PullRequest, PullState, Request};

    fn key(text: &str) -> InteractionKey {
        text.parse().expect("a key")
    }

    fn words(text: &str) -> Words {
        Words {
            text: text.to_owned(),
            left_out: 0,
        }
    }

    fn skips(names: &[&str]) -> Decisions {
        Decisions {
            role: Permission::Write,
            skips: vec![Skip {
                of: names.iter().map(|name| key(name)).collect(),
                reason: words("not now"),
            }],
            ..Decisions::default()
        }
    }

    fn decided(decisions: Decisions) -> Cause {
        Cause::Decided {
            by: "ada".into(),
            comment: 7,
            decisions,
            after: None,
        }
    }

    fn retry(names: &[&str], decisions: Decisions) -> Cause {
        Cause::Retry {
            by: "bob".into(),
            comment: 8,
            only: names.iter().map(|name| key(name)).collect(),
            hints: Vec::new(),
            remarks: BTreeMap::new(),
            start: Start::Standing,
            decisions,
            budgets: Vec::new(),
        }
    }

    fn pull() -> PullRequest {
        let sha = || "a".repeat(40).parse().expect("a sha");
        PullRequest {
            repo: "acme/product".parse().expect("a repo"),
            number: 7,
            state: PullState::Open,
            head: sha(),
            head_branch: "add".into(),
            head_repo: None,
            base_branch: "main".into(),
            base: sha(),
            author: "ada".into(),
        }
    }

    fn history(causes: Vec<Cause>, more: Vec<Event>) -> History {
        let runs = (1..).zip(causes).map(|(n, cause)| {
            let request = Request::for_pull(1, pull(), cause);
            let (run, head) = (request.run.clone(), request.head().clone());
            let events = [Event::Requested { request }]
                .into_iter()
                .chain(more.clone());
            PastRun {
                run,
                head,
                requested_ms: n,
                events: events
                    .map(|event| Logged {
                        seq: 1,
                        at_ms: n,
                        event,
                    })
                    .collect(),
            }
        });
        History::of(runs.collect())
    }

    #[test]
    fn what_is_skipped_stays_so_until_it_is_asked_for_by_name() {
        let of = |causes| {
            let skipped = history(causes, Vec::new()).skipped();
            skipped.keys().map(ToString::to_string).collect::<Vec<_>>()
        };
        let both = || decided(skips(&["a/one", "a/two"]));
        assert_eq!(of(vec![both(), Cause::Head]), ["a/one", "a/two"]);
        let all = || retry(&[], Decisions::default());
        assert_eq!(of(vec![both(), all()]), ["a/one", "a/two"]);
        let one = || retry(&["a/one"], Decisions::default());
        assert_eq!(of(vec![both(), one()]), ["a/two"]);
        assert_eq!(of(vec![one(), both()]), ["a/one", "a/two"]);
        // Both in one comment.
        assert_eq!(of(vec![retry(&["a/one"], skips(&["a/two"]))]), ["a/two"]);
    }

    #[test]
    fn what_is_taken_out_of_a_run_under_way_counts_when_it_is_skipped() {
        let off = |off| Event::CalledOff {
            interaction: key("a/one"),
            by: "ada".into(),
            comment: 9,
            off,
        };
        let reason = words("no");
        let skipped = history(vec![Cause::Head], vec![off(Off::Skipped { reason })]);
        assert_eq!(skipped.skipped()[&key("a/one")].by, "ada");
        assert!(skipped.was_called_off(&key("a/one"), 9));
        assert!(!skipped.was_called_off(&key("a/one"), 8));
        let cancelled = history(vec![Cause::Head], vec![off(Off::Cancelled)]);
        assert!(cancelled.skipped().is_empty());
    }

    #[test]
    fn deciding_something_begins_no_work_that_has_to_wait_for_somebody() {
        let decided = |after| Cause::Decided {
            by: "ada".into(),
            comment: 7,
            decisions: skips(&["a/one"]),
            after,
        };
        assert!(!decided(None).wants_work());
        let run = "0123456789ab".parse().expect("a run");
        assert!(decided(Some(run)).wants_work());
        assert!(retry(&[], Decisions::default()).wants_work());
        assert!(!Cause::Head.wants_work());
    }

    #[test]
    fn who_may_not_overrule_has_overruled_nothing() {
        let of = |role, listed: &[&str]| {
            let overrules = vec![Overrule {
                rule: "unread-pages".into(),
                interaction: key("a/one"),
                dossier: Digest::of(b"one"),
                reason: words("there is one page"),
            }];
            let decisions = Decisions {
                role,
                overrules,
                ..Decisions::default()
            };
            let listed: Vec<String> = listed.iter().map(ToString::to_string).collect();
            let history = history(vec![decided(decisions)], Vec::new());
            history.overrulings(&listed).of(&Digest::of(b"one")).len()
        };
        assert_eq!(of(Permission::Maintain, &[]), 1);
        assert_eq!(of(Permission::Write, &[]), 0);
        assert_eq!(of(Permission::Write, &["bob"]), 0);
        assert_eq!(of(Permission::Write, &["Ada"]), 1);
        // Who was listed and may not push any more.
        assert_eq!(of(Permission::Triage, &["ada"]), 0);
    }
}
