//! The pull request as a reviewer sees it, as a page to open in a browser. GitHub's part is played by the stand-in, so
//! its look is played here too: Markdown is rendered as GitHub flavours it and cleaned as GitHub cleans it.

use askama::Template;
use countersign_standin::github::{CheckRun, ReviewComment, Side, StandInError};
use countersign_standin::names::{RepoName, Sha};
use countersign_standin::testbed::Testbed;

use crate::edge::git::Mirror;

use crate::cli::error::CommandError;

#[derive(Template)]
#[template(path = "pull.html", config = "src/cli/demo/askama.toml")]
struct PullPage {
    repo: String,
    number: u64,
    title: String,
    author: String,
    from: String,
    into: String,
    commits: Vec<(String, String)>,
    checks: Vec<CheckView>,
    remarks: Vec<Remark>,
    files: Vec<File>,
}

struct CheckView {
    class: &'static str,
    name: String,
    title: String,
    conclusion: String,
}

struct Remark {
    author: String,
    deed: &'static str,
    html: String,
    at_lines: Vec<AtLine>,
}

struct AtLine {
    place: String,
    hunk: Vec<DiffLine>,
    html: String,
}

struct File {
    path: String,
    lines: Vec<DiffLine>,
}

struct DiffLine {
    class: &'static str,
    text: String,
}

/// The page of pull request `number`.
pub fn render(testbed: &Testbed, repo: &RepoName, number: u64) -> Result<String, CommandError> {
    let github = &testbed.github;
    let fault = |error: StandInError| CommandError::fault(error);
    let pull = github.pull(repo, number).map_err(fault)?;
    let mirror =
        Mirror::local(&github.git_dir(repo).map_err(fault)?).map_err(CommandError::fault)?;
    let ours = |sha: &Sha| sha.as_str().parse().map_err(CommandError::fault);
    let patch = mirror
        .patch(&ours(&pull.base)?, &ours(&pull.head)?)
        .map_err(CommandError::fault)?;
    let mut commits = Vec::new();
    for commit in github
        .commits_between(repo, &pull.base, &pull.head)
        .map_err(fault)?
    {
        let message = github.message(repo, &commit).map_err(fault)?;
        commits.push((
            commit.short().to_owned(),
            message.lines().next().unwrap_or_default().to_owned(),
        ));
    }
    let at_lines = github.review_comments(repo, number).map_err(fault)?;
    let mut remarks: Vec<Remark> = Vec::new();
    for comment in github.comments(repo, number).map_err(fault)? {
        let html = markdown(&comment.body);
        remarks.push(Remark {
            author: comment.author,
            deed: "commented",
            html,
            at_lines: Vec::new(),
        });
    }
    for review in github.reviews(repo, number).map_err(fault)? {
        let own = at_lines.iter().filter(|one| one.review == review.id);
        remarks.push(Remark {
            author: review.author,
            deed: "reviewed",
            html: markdown(&review.body),
            at_lines: own.map(at_line).collect(),
        });
    }
    let checks = github.check_runs(repo).map_err(fault)?;
    let page = PullPage {
        repo: repo.to_string(),
        number,
        title: pull.title.clone(),
        author: pull.author.clone(),
        from: pull.head_branch.clone(),
        into: pull.base_branch.clone(),
        commits,
        checks: checks
            .iter()
            .filter(|one| one.head == pull.head)
            .map(check)
            .collect(),
        remarks,
        files: files(&patch),
    };
    page.render().map_err(CommandError::fault)
}

fn check(run: &CheckRun) -> CheckView {
    let conclusion = run.conclusion.clone().unwrap_or_else(|| run.status.clone());
    CheckView {
        class: match conclusion.as_str() {
            "success" => "good",
            "failure" => "bad",
            _ => "look",
        },
        name: run.name.clone(),
        title: run.title.clone().unwrap_or_default(),
        conclusion,
    }
}

fn at_line(comment: &ReviewComment) -> AtLine {
    let line = match comment.line {
        Some((Side::Left | Side::Right, line)) => format!(", line {line}"),
        None => String::new(),
    };
    let hunk: Vec<DiffLine> = comment.hunk.lines().map(line_of).collect();
    let shown = hunk.len().saturating_sub(4);
    AtLine {
        place: format!("{}{line}", comment.path),
        hunk: hunk.into_iter().skip(shown).collect(),
        html: markdown(&comment.body),
    }
}

/// The files of a unified diff. Recordings are folded by their size alone, as GitHub does.
fn files(patch: &str) -> Vec<File> {
    let mut files: Vec<File> = Vec::new();
    for line in patch.lines() {
        if let Some(names) = line.strip_prefix("diff --git ") {
            let path = names.rsplit(" b/").next().unwrap_or(names).to_owned();
            files.push(File {
                path,
                lines: Vec::new(),
            });
        } else if let Some(file) = files.last_mut() {
            file.lines.push(line_of(line));
        }
    }
    files
}

fn line_of(text: &str) -> DiffLine {
    let class = match text.as_bytes().first() {
        Some(b'+') => "plus",
        Some(b'-') => "minus",
        Some(b'@') => "hunk",
        _ => "",
    };
    DiffLine {
        class,
        text: text.to_owned(),
    }
}

/// GitHub's flavour of Markdown, cleaned of everything that GitHub cleans away.
fn markdown(text: &str) -> String {
    let mut options = comrak::Options::default();
    options.extension.table = true;
    options.extension.strikethrough = true;
    options.extension.autolink = true;
    options.extension.tasklist = true;
    // HTML is let through here because it is cleaned right after.
    options.render.r#unsafe = true;
    let html = comrak::markdown_to_html(text, &options);
    let clean = ammonia::Builder::default()
        .add_tag_attributes("code", ["class"])
        .add_tag_attributes("details", ["open"])
        .clean(&html)
        .to_string();
    coloured(&clean)
}

/// Lines of fenced diffs in the colours that GitHub gives them. The text is clean and escaped already; only whole
/// lines of it are put between our own tags.
fn coloured(html: &str) -> String {
    const BEGIN: &str = "<pre><code class=\"language-diff\">";
    let mut out = String::new();
    let mut rest = html;
    while let Some((before, block)) = rest.split_once(BEGIN) {
        let (lines, after) = block.split_once("</code>").unwrap_or((block, ""));
        out.push_str(before);
        out.push_str(BEGIN);
        for line in lines.lines() {
            let class = line_of(line).class;
            out.push_str(&format!("<span class=\"{class}\">{line}</span>"));
        }
        out.push_str("</code>");
        rest = after;
    }
    out + rest
}
