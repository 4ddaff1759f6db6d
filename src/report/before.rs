//! What was wrong with the project before, told once: what was failing, and which tests are not ours to run.

use crate::domain::failure::{Aside, Before, Failure, NotOurs};
use crate::domain::limits;
use crate::text::markdown::{code, fence, inline};
use crate::text::number::{count, plural};

/// Both numbers as one sentence; nothing when there is nothing to say.
pub fn sentence(before: &Before) -> Option<String> {
    let failing = (before.failures > 0).then(|| {
        let verbs = plural(
            before.failures,
            "was failing before and does",
            "were failing before and do",
        );
        format!(
            "{} in the project {verbs} not count",
            count(before.failures, "thing")
        )
    });
    let aside = (before.asides > 0).then(|| {
        let verb = plural(before.asides, "is", "are");
        format!(
            "{} {verb} not ours to run",
            count(before.asides, "test file")
        )
    });
    let said: Vec<String> = failing.into_iter().chain(aside).collect();
    (!said.is_empty()).then(|| format!("{}.", said.join("; ")))
}

/// A fold with all that is told of it, as Markdown that is complete in itself.
pub fn fold(before: &Before) -> Option<String> {
    let mut titles = Vec::new();
    let mut body = Vec::new();
    if before.failures > 0 {
        titles.push(format!("Was failing before: {}", before.failures));
        body.push(
            "The same fails without the functions of this run, so it does not count against it."
                .to_owned(),
        );
        body.push(fence(
            "text",
            &failing(before, limits::FAILURES_TOLD).join("\n"),
        ));
    }
    if before.asides > 0 {
        titles.push(format!("Not ours to run: {}", before.asides));
        let mut list: Vec<String> = before
            .aside
            .iter()
            .map(|one| format!("- {}: {}", code(&one.path), inline(&why(one))))
            .collect();
        list.extend(more(before.asides, before.aside.len()).map(|more| format!("- {more}")));
        body.push(list.join("\n"));
    }
    (!titles.is_empty()).then(|| {
        format!(
            "<details><summary>{}</summary>\n\n{}\n\n</details>",
            titles.join(" · "),
            body.join("\n\n")
        )
    })
}

/// Each failure with its place and its first lines, at most `most` of them, and how many more there are. Untrusted text.
pub fn failing(before: &Before, most: usize) -> Vec<String> {
    let told = before.failing.len().min(most);
    let mut lines: Vec<String> = before.failing[..told].iter().flat_map(lines).collect();
    lines.extend(more(before.failures, told));
    lines
}

/// Each test that is not ours to run, with the reason, at most `most` of them, and how many more there are. Untrusted text.
pub fn aside(before: &Before, most: usize) -> Vec<String> {
    let told = before.aside.len().min(most);
    let mut lines: Vec<String> = before.aside[..told]
        .iter()
        .map(|one| format!("{}: {}", one.path, why(one)))
        .collect();
    lines.extend(more(before.asides, told));
    lines
}

fn lines(failure: &Failure) -> Vec<String> {
    let place = match (&failure.file, failure.line) {
        (Some(file), Some(line)) => format!("{file}:{line}"),
        (Some(file), None) => file.clone(),
        (None, _) => "the project".to_owned(),
    };
    let head = format!("{place} {}", failure.what);
    let said = failure.said.lines().take(limits::FAILURE_LINES);
    std::iter::once(head.trim_end().to_owned())
        .chain(said.map(|line| format!("  {}", line.trim_end())))
        .collect()
}

fn why(aside: &Aside) -> String {
    match &aside.why {
        NotOurs::Runner { module } => format!("written for {module}"),
        NotOurs::Unloadable { said } => format!("cannot be loaded here: {said}"),
        NotOurs::Elsewhere => {
            "not in a tests/ folder as a .test.ts file, where tests of functions are".to_owned()
        }
        NotOurs::NoRecording => "its recording was never made".to_owned(),
    }
}

fn more(all: usize, told: usize) -> Option<String> {
    (all > told).then(|| format!("and {} more", all - told))
}
