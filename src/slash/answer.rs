//! How the commands of one comment become one answer.

use crate::domain::beginning::Start;
use crate::domain::decision::{Budget, Decisions};
use crate::domain::guidance::Hint;
use crate::domain::name::InteractionKey;
use crate::domain::permission::Permission;
use crate::domain::post::Reaction;
use crate::rules::comment::CommandLine;

use super::command::{Reply, Seen, Shown, SlashCommand, code};

/// A run that is wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Of these interactions; of all when empty.
    pub only: Vec<InteractionKey>,
    /// What they begin from.
    pub start: Start,
    /// What the agents are to know, in the order of the comment.
    pub hints: Vec<Hint>,
    /// What they may use up, in the order of the comment.
    pub budgets: Vec<Budget>,
}

/// What one comment comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommentAnswer {
    /// What whoever wrote it has to be allowed: as much as the mightiest of the commands needs.
    pub needs: Permission,
    /// Whether what is under way is to stop.
    pub stops: bool,
    /// What is to be taken out of what is under way.
    pub calls_off: Vec<InteractionKey>,
    /// What is decided.
    pub decisions: Decisions,
    /// The run that is wanted.
    pub run: Option<Wanted>,
    /// What of the log is to be shown, above what is said.
    pub shows: Vec<Shown>,
    /// What to say in a comment. Markdown, safe to post.
    pub say: Option<String>,
    /// The reaction to the comment.
    pub reaction: Reaction,
}

/// What the lines of a comment come to; nothing when none of them is meant for us.
///
/// When anything is not understood nothing is run: a person mends the comment's text by writing a new one, and would
/// otherwise run the rest twice.
pub fn answer(lines: &[CommandLine], seen: &Seen<'_>) -> Option<CommentAnswer> {
    let replies: Vec<(Permission, Reply)> =
        lines.iter().filter_map(|line| reply(line, seen)).collect();
    let needs = replies.iter().map(|(needs, _)| *needs).max()?;
    let mut run: Option<Wanted> = None;
    let mut stops = false;
    let (mut calls_off, mut decisions) = (Vec::new(), Decisions::default());
    let mut shows = Vec::new();
    let mut says = Vec::new();
    let mut reaction = Reaction::Eyes;
    for (_, reply) in replies {
        match reply {
            Reply::Run {
                only,
                start,
                hint,
                micro_usd,
            } => {
                let budget = micro_usd.map(|micro_usd| Budget {
                    of: only.clone(),
                    micro_usd,
                });
                let more = Wanted {
                    only,
                    start,
                    hints: hint.into_iter().collect(),
                    budgets: budget.into_iter().collect(),
                };
                run = Some(both(run, more));
            }
            Reply::Stop => stops = true,
            Reply::CallOff { keys } => calls_off.extend(keys),
            Reply::Skip(skip) => decisions.skips.push(skip),
            Reply::Overrule(more) => decisions.overrules.extend(more),
            Reply::Show(shown) => shows.push(shown),
            Reply::Say { markdown } => says.push(markdown),
            Reply::Misuse { markdown } => {
                says.push(markdown);
                reaction = Reaction::Confused;
            }
        }
    }
    says.dedup();
    shows.dedup();
    let is_understood = reaction == Reaction::Eyes;
    if !is_understood {
        (calls_off, decisions) = Default::default();
    }
    Some(CommentAnswer {
        needs,
        stops: stops && is_understood,
        calls_off,
        decisions,
        run: run.filter(|_| is_understood),
        shows,
        say: (!says.is_empty()).then(|| says.join("\n\n")),
        reaction,
    })
}

fn both(before: Option<Wanted>, more: Wanted) -> Wanted {
    let Some(before) = before else {
        return more;
    };
    let start = match (before.start, more.start) {
        (Start::Clean { of: one }, Start::Clean { of: other }) => Start::Clean {
            of: together(one, other),
        },
        (clean @ Start::Clean { .. }, Start::Standing) | (Start::Standing, clean) => clean,
    };
    let (mut hints, mut budgets) = (before.hints, before.budgets);
    hints.extend(more.hints);
    budgets.extend(more.budgets);
    Wanted {
        only: together(before.only, more.only),
        start,
        hints,
        budgets,
    }
}

/// An empty list is all of them, and stays that.
fn together(mut keys: Vec<InteractionKey>, more: Vec<InteractionKey>) -> Vec<InteractionKey> {
    if keys.is_empty() || more.is_empty() {
        return Vec::new();
    }
    for key in more {
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    keys
}

fn reply(line: &CommandLine, seen: &Seen<'_>) -> Option<(Permission, Reply)> {
    let command: &SlashCommand = seen
        .commands
        .iter()
        .find(|command| strsim::osa_distance(command.name, &line.name) <= 1)?;
    if command.name != line.name {
        let markdown = format!(
            "There is no command {}. Did you mean `/{}`?",
            code(&format!("/{}", line.name)),
            command.name
        );
        return Some((command.needs, Reply::Misuse { markdown }));
    }
    Some((command.needs, (command.reply)(line, seen)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::slash::{COMMANDS, parse};
    use crate::text::markdown_reading::MarkdownReading;

    fn known() -> Vec<InteractionKey> {
        ["slack/users", "slack/post-message"]
            .map(|key| key.parse().expect("a key"))
            .to_vec()
    }

    fn answer_to(comment: &str) -> Option<CommentAnswer> {
        let known = known();
        let seen = Seen {
            view: None,
            about: None,
            interactions: &known,
            commands: COMMANDS,
        };
        answer(&parse(comment), &seen)
    }

    #[test]
    fn words_of_other_bots_are_passed_over() {
        assert_eq!(answer_to("/merge\n/lgtm\n/deploy staging"), None);
        assert_eq!(answer_to("thank you"), None);
        let ours = answer_to("/lgtm\n/retry").expect("an answer");
        assert_eq!((ours.run, ours.say), (Some(Wanted::default()), None));
    }

    #[test]
    fn what_one_line_needs_the_whole_comment_needs() {
        for (comment, needs) in [
            ("/status", Permission::Read),
            ("/status\n/help", Permission::Read),
            ("/status\n/cancel", Permission::Write),
            ("/stauts", Permission::Read),
        ] {
            let answer = answer_to(comment).expect("an answer");
            assert_eq!(answer.needs, needs, "{comment}");
        }
        let both = answer_to("/cancel\n/retry users").expect("an answer");
        assert!(both.stops && both.run.is_some());
        let slip = answer_to("/cancel\n/retyr").expect("an answer");
        assert!(!slip.stops && slip.run.is_none());
    }

    #[test]
    fn a_slip_of_a_finger_is_met_with_a_question_and_no_run() {
        for slip in ["/retyr", "/rety", "/retrry", "/Retri", "/hlep"] {
            let answer = answer_to(&format!("{slip}\n/retry")).expect("an answer");
            assert_eq!(answer.run, None, "{slip}");
            assert_eq!(answer.reaction, Reaction::Confused);
            assert!(answer.say.is_some_and(|say| say.contains("Did you mean")));
        }
    }

    #[test]
    fn several_lines_are_one_run() {
        let keys = known();
        for (comment, only) in [
            ("/retry users\n/retry post-message", keys.clone()),
            ("/retry users\n/retry slack/users", keys[..1].to_vec()),
            ("/retry users\n/retry", vec![]),
            ("/retry\n/retry users", vec![]),
        ] {
            let run = answer_to(comment).and_then(|answer| answer.run);
            assert_eq!(run.map(|run| run.only), Some(only), "{comment}");
        }
    }

    #[test]
    fn clean_is_for_its_own_line() {
        let keys = known();
        for (comment, of) in [
            (
                "/retry users clean\n/retry post-message",
                keys[..1].to_vec(),
            ),
            ("/retry\n/retry users clean", keys[..1].to_vec()),
            (
                "/retry users clean\n/retry post-message clean",
                keys.clone(),
            ),
            ("/retry clean\n/retry users", vec![]),
        ] {
            let run = answer_to(comment).and_then(|answer| answer.run);
            let start = run.map(|run| run.start);
            assert_eq!(start, Some(Start::Clean { of }), "{comment}");
        }
    }

    #[test]
    fn each_line_has_its_own_hint() {
        let comment = "/retry users One.\n/lgtm\nNot ours.\n/retry post-message\nTwo.";
        let run = answer_to(comment).and_then(|answer| answer.run);
        let hints: Vec<_> = run.expect("a run").hints;
        let told: Vec<_> = hints
            .iter()
            .map(|hint| (hint.about[0].to_string(), hint.words.text.as_str()))
            .collect();
        assert_eq!(
            told,
            [
                ("slack/users".to_owned(), "One."),
                ("slack/post-message".to_owned(), "Two.")
            ]
        );
    }

    #[test]
    fn each_line_has_its_own_budget_and_the_decisions_of_all_are_one() {
        let comment = "/retry users budget=2.5\n/skip post-message Nobody needs it.";
        let answer = answer_to(comment).expect("an answer");
        let budgets = answer.run.expect("a run").budgets;
        assert_eq!(budgets[0].of, known()[..1]);
        assert_eq!(budgets[0].micro_usd, 2_500_000);
        assert_eq!(answer.decisions.skips[0].of, known()[1..]);
        let slip = answer_to("/skip post-message No.\n/retyr").expect("an answer");
        assert!(slip.decisions.is_empty());
        let slip = answer_to("/cancel users\n/retyr").expect("an answer");
        assert!(slip.calls_off.is_empty());
    }

    #[test]
    fn what_is_quoted_back_cannot_mention_or_format() {
        let answer = answer_to("/retry `@everyone`<img>").expect("an answer");
        let shown = MarkdownReading::of(&answer.say.expect("words"));
        assert!(!shown.text.contains("@everyone"), "{shown:?}");
        assert!(shown.html.is_empty(), "{shown:?}");
        assert_eq!(shown.code[0], "`@everyone`<img>");
    }

    #[test]
    fn a_flood_of_words_is_refused() {
        let answer = answer_to(&format!("/retry {}", "users ".repeat(1000))).expect("an answer");
        assert_eq!((answer.run, answer.reaction), (None, Reaction::Confused));
    }

    /// Longer with `PROPTEST_CASES=100000`.
    fn comment() -> impl proptest::strategy::Strategy<Value = String> {
        use proptest::prelude::*;
        const WORDS: &[&str] = &[
            "/retry",
            "/cancel",
            "/skip",
            "/overrule",
            "/explain",
            "/status",
            "/help",
            "/retyr",
            "users",
            "slack/users",
            "mail",
            "clean",
            "budget=2",
            "budget=",
            "BUDGET=é",
            "unread-pages",
            ":",
            "–",
            "-",
            "@everyone",
            "<img src=x>",
            "```",
            "`",
            "> ",
            "<!--",
            "-->",
            "\n",
            "\r\n",
            "\u{202e}",
            "closes #1",
        ];
        let word = prop_oneof![
            prop::sample::select(WORDS).prop_map(str::to_owned),
            ".{0,8}",
        ];
        prop::collection::vec(word, 0..24).prop_map(|words| words.join(" "))
    }

    proptest::proptest! {
        #[test]
        fn whatever_is_written_is_answered_and_nothing_of_it_alive(comment in comment()) {
            let Some(answer) = answer_to(&comment) else {
                return Ok(());
            };
            let is_understood = answer.reaction == Reaction::Eyes;
            let does = answer.stops || answer.run.is_some() || !answer.decisions.is_empty() || !answer.calls_off.is_empty();
            proptest::prop_assert!(is_understood || !does);
            if let Some(say) = answer.say {
                let shown = MarkdownReading::of(&say);
                proptest::prop_assert!(shown.html.is_empty(), "{}", say);
                proptest::prop_assert!(!shown.text.contains("@everyone"), "{}", say);
                proptest::prop_assert!(parse(&say).is_empty(), "{}", say);
            }
        }
    }

    #[test]
    fn every_command_helps() {
        for command in COMMANDS {
            assert!(command.help().len() > 20, "{}", command.name);
            assert!(command.usage.starts_with(&format!("/{}", command.name)));
        }
    }
}
