//! What the Nango CLI 0.71.10 understands, from its own `--help`, and which program starts are checks of a function.

use super::shell::Start;
use crate::domain::clean_room::Trial;

/// A sub-command with its options; those that take a value end with `=`.
struct Sub {
    name: &'static str,
    options: &'static [&'static str],
}

const EVERYWHERE: &[&str] = &[
    "--auto-confirm",
    "--debug",
    "--no-interactive",
    "--no-dependency-update",
    "--no-telemetry",
    "--help",
    "-h",
];

const SUBS: &[Sub] = &[
    Sub {
        name: "version",
        options: &[],
    },
    Sub {
        name: "init",
        options: &["--copy"],
    },
    Sub {
        name: "create",
        options: &["--sync", "--action", "--on-event"],
    },
    Sub {
        name: "compile",
        options: &["--sourcemap="],
    },
    Sub {
        name: "dryrun",
        options: &[
            "-e=",
            "--environment=",
            "-l=",
            "--lastSyncDate=",
            "--variant=",
            "-i=",
            "--input=",
            "-m=",
            "--metadata=",
            "-c=",
            "--checkpoint=",
            "--integration-id=",
            "--validate",
            "--validation",
            "--save",
            "--save-responses",
            "--diagnostics",
            "--sourcemap=",
        ],
    },
    Sub {
        name: "dev",
        options: &[],
    },
    Sub {
        name: "deploy",
        options: &[
            "-v=",
            "--version=",
            "-s=",
            "--sync=",
            "-a=",
            "--action=",
            "-i=",
            "--integration=",
            "--allow-destructive",
            "--sourcemap=",
        ],
    },
    Sub {
        name: "migrate-to-zero-yaml",
        options: &[],
    },
    Sub {
        name: "generate:docs",
        options: &["-p=", "--path=", "--integration-templates"],
    },
    Sub {
        name: "generate:tests",
        options: &[
            "-i=",
            "--integration=",
            "-s=",
            "--sync=",
            "-a=",
            "--action=",
        ],
    },
    Sub {
        name: "clone",
        options: &["-f", "--force"],
    },
    Sub {
        name: "pull",
        options: &[
            "-c",
            "--catalog",
            "-e=",
            "--env=",
            "-s",
            "--sync",
            "-a",
            "--action",
            "--on-event",
            "-f",
            "--force",
        ],
    },
    Sub {
        name: "help",
        options: &[],
    },
    Sub {
        name: "cli-location",
        options: &[],
    },
    Sub {
        name: "cli",
        options: &[],
    },
];

/// Sub-commands and options that do not exist: `nango test`, `nango dryrun --dry`.
pub fn inventions(start: &Start) -> Vec<String> {
    if start.program() != "nango" {
        return Vec::new();
    }
    let mut args = start.args().iter().map(String::as_str).peekable();
    while args.next_if(|arg| arg.starts_with('-')).is_some() {}
    let Some(name) = args.next().filter(|name| !name.contains('$')) else {
        return Vec::new();
    };
    let Some(sub) = SUBS.iter().find(|sub| sub.name == name) else {
        return vec![format!("nango {name}")];
    };
    if sub.name == "help" {
        return Vec::new();
    }
    let mut odd = Vec::new();
    while let Some(arg) = args.next() {
        if arg == "--" {
            break;
        }
        let is_option = arg.len() > 1
            && arg.starts_with('-')
            && !arg[1..].starts_with(|c: char| c.is_ascii_digit() || c.is_whitespace());
        if !is_option || arg.contains('$') {
            continue;
        }
        let (option, value) = match arg.split_once('=') {
            Some((option, value)) => (option, Some(value)),
            None => (arg, None),
        };
        let known = EVERYWHERE.iter().chain(sub.options).find(|known| {
            let bare = known.trim_end_matches('=');
            // A short option may carry its value directly: `-edev`.
            bare == option
                || (bare.len() == 2 && !option.starts_with("--") && option.starts_with(bare))
        });
        match known {
            Some(known)
                if known.ends_with('=')
                    && value.is_none()
                    && option == known.trim_end_matches('=') =>
            {
                args.next_if(|next| !next.starts_with("--"));
            }
            Some(_) => {}
            None => odd.push(format!("nango {name} {option}")),
        }
    }
    odd
}

/// A check of a function that an agent can run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Check {
    /// `nango compile`.
    Compile,
    /// `nango dryrun`.
    DryRun,
    /// vitest, however it is started.
    Tests,
}

impl Check {
    /// The agent's counterpart of what we try in the clean room.
    pub fn of(trial: Trial) -> Self {
        match trial {
            Trial::Compile => Check::Compile,
            Trial::Validate | Trial::Save => Check::DryRun,
            Trial::Tests => Check::Tests,
        }
    }

    /// For a person.
    pub fn words(self) -> &'static str {
        match self {
            Check::Compile => "nango compile",
            Check::DryRun => "nango dryrun",
            Check::Tests => "the tests",
        }
    }
}

/// Which check this program start is, if it is one.
pub fn check_of(start: &Start) -> Option<Check> {
    let first = start.operands().next();
    match (start.program(), first) {
        _ if start
            .args()
            .iter()
            .any(|arg| arg == "--help" || arg == "-h") =>
        {
            None
        }
        ("nango", Some("compile")) => Some(Check::Compile),
        ("nango", Some("dryrun")) => Some(Check::DryRun),
        ("vitest", _) => Some(Check::Tests),
        ("npm" | "pnpm" | "yarn" | "bun", Some("test" | "t")) => Some(Check::Tests),
        ("npm" | "pnpm" | "yarn" | "bun", Some("run"))
            if start
                .operands()
                .nth(1)
                .is_some_and(|script| script.starts_with("test")) =>
        {
            Some(Check::Tests)
        }
        _ => None,
    }
}

/// Whether this is a dry run that records.
pub fn saves(start: &Start) -> bool {
    check_of(start) == Some(Check::DryRun)
        && start
            .args()
            .iter()
            .any(|arg| arg == "--save" || arg == "--save-responses")
}

#[cfg(test)]
mod tests {
    use super::super::shell::{Reading, read};
    use super::*;

    fn odd(command: &str) -> Vec<String> {
        let Reading::Starts(starts) = read(command, "") else {
            unreachable!("{command} can be taken apart");
        };
        starts.iter().flat_map(inventions).collect()
    }

    #[test]
    fn what_exists_is_not_invented() {
        for command in [
            "nango --version",
            "nango compile --no-interactive",
            "nango dryrun create-event conn -e dev --integration-id google-calendar --validate --save -i @in.json --auto-confirm --no-interactive --no-dependency-update",
            r#"npx nango dryrun f c -edev --input='{"a":"--b"}' -m '{"x":-1}' --checkpoint "$C""#,
            "nango generate:tests -i google-calendar -a create-event --auto-confirm",
            "nango help dryrun",
            "nango deploy dev --allow-destructive",
            "echo nango test",
        ] {
            assert_eq!(odd(command), Vec::<String>::new(), "{command}");
        }
    }

    #[test]
    fn what_does_not_exist_is() {
        assert_eq!(odd("nango test create-event"), ["nango test"]);
        assert_eq!(
            odd("nango validate && nango dryrun f c -e dev --record --save"),
            ["nango validate", "nango dryrun --record"]
        );
        assert_eq!(
            odd("nango compile --strict=true -x"),
            ["nango compile --strict", "nango compile -x"]
        );
    }
}
