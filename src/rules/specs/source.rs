//! A file as it lies in a commit or a work tree: what is at its path, before anything of it is believed.

use super::problem::Problem;
use super::tree::At;
use crate::domain::limits;

/// What is at one path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFile {
    /// From the repository's root, with `/`.
    pub path: String,
    /// What is there.
    pub content: SourceContent,
}

/// What is at a path, as far as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SourceContent {
    /// A regular file and what is in it.
    Regular(Vec<u8>),
    /// A symbolic link. Nobody follows it: it could lead anywhere.
    Link,
    /// Neither: a submodule, a pipe, a device.
    Special,
    /// A regular file of more than [`limits::SPEC_BYTES`]; it was not read.
    TooLarge {
        /// How large it is.
        bytes: u64,
    },
}

impl SourceFile {
    /// Its text, or why it has none.
    pub(super) fn text(&self) -> Result<&str, Problem> {
        let of_file = |message: String, help| Problem::of_file(&self.path, message).help(help);
        let too_large = |bytes: u64| {
            let limit = limits::SPEC_BYTES;
            of_file(
                format!("the file has {bytes} bytes, and the limit is {limit}"),
                "move long texts to a page and name it in `docs`",
            )
        };
        match &self.content {
            SourceContent::Regular(content) if content.len() > limits::SPEC_BYTES => {
                Err(too_large(content.len() as u64))
            }
            SourceContent::Regular(content) => utf8(&self.path, content),
            SourceContent::TooLarge { bytes } => Err(too_large(*bytes)),
            SourceContent::Link => Err(self.linked()),
            SourceContent::Special => Err(of_file(
                "this is no regular file".to_owned(),
                "put a file in its place, or remove it",
            )),
        }
    }

    /// That it is a link, and the way out.
    pub(super) fn linked(&self) -> Problem {
        let message = "this is a symbolic link, and links are not followed";
        Problem::of_file(&self.path, message).help("put what it leads to in its place")
    }
}

fn utf8<'a>(path: &str, content: &'a [u8]) -> Result<&'a str, Problem> {
    match std::str::from_utf8(content) {
        Ok(text) => Ok(text.strip_prefix('\u{feff}').unwrap_or(text)),
        Err(error) => {
            let good = String::from_utf8_lossy(&content[..error.valid_up_to()]);
            let line = good.matches('\n').count() as u32 + 1;
            let column = good.chars().rev().take_while(|c| *c != '\n').count() as u32 + 1;
            let problem = Problem::at(path, "", At { line, column }, "the file is not UTF-8 here");
            Err(problem.help("save it in UTF-8"))
        }
    }
}
