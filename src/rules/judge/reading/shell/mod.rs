//! Shell commands of a transcript, taken apart with a shell's own grammar: [`commands`].
//!
//! A command becomes the programs that it starts, through pipes, lists, subshells, loops, functions, `$(…)`, `bash -c`,
//! `eval` and wrappers such as `env` or `timeout`; with the files that are redirected, the text that is fed in, and
//! variables filled in where the same command sets them. What cannot be taken apart (too long, too deep, not shell) is
//! [`Reading::Opaque`]: rules then say nothing rather than guess.

mod document;
mod loops;
mod node;
mod parse;
mod redirect;
mod redirected;
mod start;
mod walker;
mod words;
mod wrappers;

use crate::domain::deed::Deed;
use crate::domain::dossier::Dossier;
use crate::domain::limits;
use crate::domain::transcript::ToolCall;

pub use start::{Reading, Start};

/// A shell command of the transcript.
#[derive(Debug, Clone)]
pub struct ShellCommand<'a> {
    /// The turn.
    pub turn: u32,
    /// The call.
    pub call: &'a ToolCall,
    /// As it was typed.
    pub text: &'a str,
    /// What it starts.
    pub reading: Reading,
}

impl ShellCommand<'_> {
    /// What it starts; nothing when opaque.
    pub fn starts(&self) -> &[Start] {
        match &self.reading {
            Reading::Starts(starts) => starts,
            Reading::Opaque => &[],
        }
    }
}

/// The shell commands of a transcript, in order.
pub fn commands(dossier: &Dossier) -> Vec<ShellCommand<'_>> {
    dossier
        .transcript
        .tool_calls()
        .filter_map(|(turn, call)| match &call.deed {
            Deed::Shell { command, folder } => Some(ShellCommand {
                turn,
                call,
                text: command,
                reading: read(command, folder),
            }),
            _ => None,
        })
        .take(limits::COMMANDS)
        .collect()
}

/// Takes one command apart. `cwd` is where it starts.
pub fn read(command: &str, cwd: &str) -> Reading {
    walker::Walker::new(cwd).walk(command)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn starts(command: &str) -> Vec<Start> {
        match read(command, "") {
            Reading::Starts(starts) => starts,
            Reading::Opaque => unreachable!("{command} can be taken apart"),
        }
    }

    fn argvs(command: &str) -> Vec<String> {
        starts(command)
            .iter()
            .map(|start| start.argv.join(" "))
            .collect()
    }

    #[test]
    fn lists_pipes_groups_and_wrappers_are_taken_apart() {
        assert_eq!(
            argvs(
                "cd a && (X=1 timeout -k 5 60 npx --yes nango dryrun f c -e dev | tail -3); exit 0"
            ),
            ["cd a", "nango dryrun f c -e dev", "tail -3", "exit 0"]
        );
        assert_eq!(
            argvs("if ./node_modules/.bin/nango compile; then for f in a b; do cat $f; done; fi"),
            ["nango compile", "cat a"]
        );
        assert_eq!(
            argvs("bash -lc 'echo \"a b\" | wc'"),
            ["echo a b", "wc", "bash -lc echo \"a b\" | wc"]
        );
        assert_eq!(argvs("echo $(cat secret)"), ["cat secret", "echo $()"]);
        assert_eq!(
            argvs("node node_modules/vitest/vitest.mjs run"),
            ["vitest run"]
        );
    }

    #[test]
    fn redirections_documents_and_variables_are_seen() {
        let found = starts("F=x.test.json; cat > \"$F\" <<'EOF'\n{\"a\": (1}\nEOF\n");
        assert_eq!(found[0].writes, ["x.test.json"]);
        assert_eq!(found[0].stdin.as_deref(), Some("{\"a\": (1}\n"));
        assert_eq!(starts("{ echo a; echo b; } >> out")[2].writes, ["out"]);
        assert_eq!(starts("cmd &> all 2>&1")[0].writes, ["all"]);
        assert_eq!(starts("echo 'x' | node -")[1].stdin.as_deref(), Some("x"));
        assert_eq!(starts("cd a/b && cat ../c")[1].cwd, "a/b");
    }

    #[test]
    fn what_is_set_for_a_program_is_seen() {
        let found = starts("H=http://x; A=\"$H\" B=2 env -u C D=4 nango compile && ls");
        let set = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(
            found[0].set,
            [set("A", "http://x"), set("B", "2"), set("D", "4")]
        );
        assert_eq!((found[0].program(), found[1].set.len()), ("nango", 0));
    }

    #[test]
    fn what_is_not_shell_or_too_deep_is_opaque() {
        for text in [
            "if then",
            "echo 'open",
            &"(".repeat(500),
            &"$(".repeat(60),
            &"! ".repeat(20_000),
            &"x".repeat(limits::COMMAND_BYTES + 1),
        ] {
            assert_eq!(
                read(text, ""),
                Reading::Opaque,
                "{}",
                &text[..text.len().min(40)]
            );
        }
    }

    #[test]
    fn a_program_in_a_here_document_does_not_count_as_nesting() {
        let body = "const f = (a) => { if (a) { g({ b: [`${a}`] }); } };\n".repeat(50);
        let found = starts(&format!("node - <<'JS' > out\n{body}JS\necho done"));
        assert_eq!(found[0].stdin.as_deref(), Some(body.as_str()));
        assert_eq!(found[1].argv, ["echo", "done"]);
    }

    #[test]
    fn what_only_looks_like_a_here_document_hides_nothing() {
        let found = argvs("echo \"<<X\"\nrm -rf a\nX\n");
        assert_eq!(found, ["echo <<X", "rm -rf a", "X"]);
        assert_eq!(argvs("echo $((1<<2))\nls"), ["echo $()", "ls"]);
    }

    /// Each of these once filled the machine's memory.
    #[test]
    fn a_here_document_without_end_is_not_taken_apart() {
        for text in [
            format!("{}for ", "<".repeat(57)),
            "<<<<<<for ".into(),
            "cat <<E\nnever ends".into(),
            "cat \\<<<E".into(),
            // Two on one line are beyond the grammar.
            "cat <<A; tr a b <<B\na\nA\nb\nB\n".into(),
        ] {
            assert_eq!(read(&text, ""), Reading::Opaque, "{text}");
        }
        let found = starts("cat <<< 'a <b' <c; diff <(ls) <(ls a)");
        assert_eq!(found[0].stdin.as_deref(), Some("a <b"));
        assert_eq!(found[0].reads, ["c"]);
        assert_eq!(found[2].argv, ["ls", "a"]);
    }

    #[test]
    fn what_follows_a_here_document_on_its_line_is_seen() {
        let found = starts("tr a b <<-'B' >one | sh\n\techo b\n\tB\nls");
        assert_eq!(found[0].stdin.as_deref(), Some("echo b\n"));
        assert_eq!(
            (found[0].writes[0].as_str(), &found[1].argv),
            ("one", &vec!["sh".to_owned()])
        );
        let found = starts("node - <<'X' 2>&1 | tail -5; cd a\nx $(y) (\nX\nls");
        let argvs_of = |found: &[Start]| -> Vec<String> {
            found.iter().map(|one| one.argv.join(" ")).collect()
        };
        assert_eq!(argvs_of(&found), ["node -", "tail -5", "cd a", "ls"]);
        assert_eq!(found[0].stdin.as_deref(), Some("x $(y) (\n"));
        let found = starts("cat <<B | sh\necho b\nB\nls");
        assert_eq!(
            argvs("cat <<B | sh\necho b\nB\nls"),
            ["cat", "echo b", "sh", "ls"]
        );
        assert_eq!(found[2].stdin.as_deref(), Some("echo b\n"));
        let found = starts("cat > f <<'X' && node f\nx $(a)\nX\n");
        assert_eq!((found[0].writes[0].as_str(), found.len()), ("f", 2));
        assert_eq!(found[1].argv, ["node", "f"]);
        let found = starts("node - more <<X\n$(cat secret)\nX\n");
        assert_eq!(found[0].argv, ["cat", "secret"]);
        assert_eq!(found[1].argv, ["node", "-", "more"]);
        let found = starts("python3 - <<X\nx\nX\n");
        assert_eq!(found[0].argv, ["python3", "-"]);
    }

    #[test]
    fn what_the_grammar_reads_otherwise_than_a_shell_is_put_right() {
        assert_eq!(starts("echo 'a'\"b\"\\ c")[0].argv, ["echo", "ab c"]);
        assert_eq!(starts("exec 3<>/dev/tcp/h/80")[0].writes, ["/dev/tcp/h/80"]);
        assert_eq!(starts("echo >f a b")[0].argv, ["echo", "a", "b"]);
        assert_eq!(argvs("coproc X { cat a; }")[0], "cat a");
        let found = starts("cd a && b > f");
        assert_eq!(
            (found[1].cwd.as_str(), found[1].writes[0].as_str()),
            ("a", "f")
        );
        assert_eq!(starts("echo 'touch x' | sh")[1].argv, ["touch", "x"]);
    }

    #[test]
    fn a_long_list_is_no_deep_one() {
        let text = vec!["true"; 1_000].join(" && ");
        assert_eq!(starts(&text).len(), 1_000);
    }

    /// Each of these once overflowed the parser's stack or made it run for minutes.
    #[test]
    fn hostile_nesting_ends_quickly() {
        let begin = std::time::Instant::now();
        for open in [
            "( ",
            "((",
            "case x in a) ",
            "${a[",
            "a[",
            "f() { ",
            "$(",
            "`",
            "[[ ( ",
            "if ",
            "\"$(",
            "a|",
            "! ",
        ] {
            for close in ["", " ) ", "; }", "; fi"] {
                for depth in [5, 10, 24, 120, 5_000] {
                    read(
                        &format!("{}true{}", open.repeat(depth), close.repeat(depth)),
                        "",
                    );
                }
            }
        }
        assert!(begin.elapsed().as_secs() < 60, "{:?}", begin.elapsed());
    }
}
