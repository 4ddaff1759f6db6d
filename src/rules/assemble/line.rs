//! One line of the project's `index.ts`, and the function that it imports.

use crate::domain::name::InteractionKey;
use crate::domain::spec::Kind;

/// What a heading begins with; as in Nango's own collection.
pub(super) const HEADING: &str = "// -- Integration: ";

/// A function as the index names it. Ordered as in Nango's own collection: syncs before actions, then by name; on-event
/// functions, which it has none of, are last.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Import {
    integration: String,
    order: LineOrder,
    name: String,
}

/// [`Kind`] in the order of the index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum LineOrder {
    Sync,
    Action,
    OnEvent,
}

impl LineOrder {
    const ALL: [LineOrder; 3] = [LineOrder::Sync, LineOrder::Action, LineOrder::OnEvent];

    fn folder(self) -> &'static str {
        match self {
            LineOrder::Sync => Kind::Sync.folder(),
            LineOrder::Action => Kind::Action.folder(),
            LineOrder::OnEvent => Kind::OnEvent.folder(),
        }
    }
}

impl Import {
    /// The import of one of our functions.
    pub(super) fn of(key: &InteractionKey, kind: Kind) -> Self {
        Self {
            integration: key.integration.to_string(),
            order: match kind {
                Kind::Sync => LineOrder::Sync,
                Kind::Action => LineOrder::Action,
                Kind::OnEvent => LineOrder::OnEvent,
            },
            name: key.name.to_string(),
        }
    }
    /// The import of any function's file, ours or a person's.
    pub(super) fn of_file(path: &str) -> Option<Self> {
        let stem = path.strip_suffix(".ts")?;
        let is_module = !stem.ends_with(".test") && !stem.ends_with(".d");
        Self::of_module(stem).filter(|_| is_module)
    }
    /// The integration that it is of.
    pub(super) fn integration(&self) -> &str {
        &self.integration
    }
    /// The import of a path without its ending.
    pub(super) fn of_module(path: &str) -> Option<Self> {
        let mut parts = path.split('/');
        let (integration, folder, name) = (parts.next()?, parts.next()?, parts.next()?);
        let order = LineOrder::ALL
            .into_iter()
            .find(|order| order.folder() == folder)?;
        (parts.next().is_none() && !integration.is_empty() && !name.is_empty()).then(|| Self {
            integration: integration.to_owned(),
            order,
            name: name.to_owned(),
        })
    }
    /// The line that imports it.
    pub(super) fn line(&self) -> String {
        let (integration, folder, name) = (&self.integration, self.order.folder(), &self.name);
        format!("import './{integration}/{folder}/{name}.js';")
    }
}

/// What a line means to us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Meaning {
    /// It imports a function.
    Function(Import),
    /// It imports a function, but is commented out.
    LeftOut(Import),
    /// It imports something else of this integration: a helper.
    Near(String),
    /// It is the heading of this integration's block.
    Heading(String),
    /// Anything else.
    Other,
}

impl Meaning {
    /// Whose block the line is in.
    pub(super) fn integration(&self) -> Option<&str> {
        match self {
            Meaning::Function(import) | Meaning::LeftOut(import) => Some(&import.integration),
            Meaning::Near(integration) | Meaning::Heading(integration) => Some(integration),
            Meaning::Other => None,
        }
    }
}

/// A line without its `\n`; a `\r` before that is kept.
#[derive(Debug, Clone)]
pub(super) struct Line {
    pub(super) text: String,
    pub(super) meaning: Meaning,
}

impl Line {
    /// Whether there is nothing on it.
    pub(super) fn is_blank(&self) -> bool {
        self.text.trim().is_empty()
    }
}

/// What a line outside of block comments means.
pub(super) fn meaning(line: &str) -> Meaning {
    if let Some(integration) = line.strip_prefix(HEADING) {
        return Meaning::Heading(integration.trim().to_owned());
    }
    let commented = line.strip_prefix("//").map(str::trim_start);
    let Some(path) = imported(commented.unwrap_or(line)) else {
        return Meaning::Other;
    };
    match (Import::of_module(path), commented) {
        (Some(import), None) => Meaning::Function(import),
        (Some(import), Some(_)) => Meaning::LeftOut(import),
        (None, None) => match path.split_once('/') {
            Some((integration, _)) => Meaning::Near(integration.to_owned()),
            None => Meaning::Other,
        },
        (None, Some(_)) => Meaning::Other,
    }
}

/// The path, without `./` and ending, of a line that is nothing but an import for its effects. Nango sees such a line
/// only when it begins at the margin; observed in its compiler, which also takes it without a semicolon or `.js`.
fn imported(line: &str) -> Option<&str> {
    let rest = line.strip_prefix("import ")?;
    let quote = rest.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
    let (path, rest) = rest[1..].split_once(quote)?;
    let rest = rest.trim_start();
    let rest = rest.strip_prefix(';').unwrap_or(rest).trim_start();
    if !rest.is_empty() && !rest.starts_with("//") {
        return None;
    }
    let path = path.strip_prefix("./")?;
    let ending = [".js", ".ts"]
        .iter()
        .find_map(|ending| path.strip_suffix(ending));
    Some(ending.unwrap_or(path))
}

/// Whether a block comment is open after a line.
pub(super) fn comment_is_open_after(line: &str, was_open: bool) -> bool {
    let (mut rest, mut is_open) = (line, was_open);
    loop {
        let mark = if is_open { "*/" } else { "/*" };
        let Some((before, after)) = rest.split_once(mark) else {
            return is_open;
        };
        if !is_open && before.contains("//") {
            return false;
        }
        (rest, is_open) = (after, !is_open);
    }
}
