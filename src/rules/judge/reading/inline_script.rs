//! Scripts that stand in the command itself: `node -e '…'`, `python3 - <<'P'`.

use std::sync::LazyLock;

use regex::Regex;

use super::shell::Start;

/// What a script reads of a path. What it writes is not told: whether it succeeded stands in no output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScriptAccess {
    /// Names only.
    List,
    /// Contents.
    Read,
}

const PROGRAMS: &[&str] = &[
    "node", "deno", "bun", "tsx", "python", "python3", "perl", "ruby",
];

/// The text of the scripts of a start; none when it is no such program.
pub fn texts(start: &Start) -> impl Iterator<Item = &str> {
    let is_one = PROGRAMS.contains(&start.program());
    let all = start.args().iter().map(String::as_str);
    all.chain(start.stdin.as_deref()).filter(move |_| is_one)
}

/// The paths that a script hands, spelled out, to what reads files. Where it changes its folder, a relative one leads anywhere.
pub fn paths(start: &Start) -> Vec<(ScriptAccess, &str)> {
    static CALLS: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(
            r#"\b(open|readFile(?:Sync)?|createReadStream|File\.read|slurp|glob|iglob|listdir|scandir|walk|readdir(?:Sync)?)\s*\(\s*[rf]?(?:'([^'\n]+)'|"([^"\n]+)"|`([^`\n]+)`)"#,
        )
        .ok()
    });
    let Some(calls) = CALLS.as_ref() else {
        return Vec::new();
    };
    let moves = texts(start).any(|text| text.contains("chdir("));
    let all = texts(start).flat_map(|text| calls.captures_iter(text));
    all.filter_map(|found| {
        let path = found.get(2).or(found.get(3)).or(found.get(4))?.as_str();
        (path.starts_with('/') || !moves).then_some(())?;
        let access = match found.get(1)?.as_str() {
            "glob" | "iglob" | "listdir" | "scandir" | "walk" | "readdir" | "readdirSync" => {
                ScriptAccess::List
            }
            _ => ScriptAccess::Read,
        };
        Some((access, path))
    })
    .collect()
}

/// Whether a script hands on its whole environment.
pub fn prints_environment(start: &Start) -> bool {
    const WHOLE: &[&str] = &[
        "(process.env)",
        "(process.env,",
        "(os.environ)",
        "dict(os.environ",
    ];
    texts(start).any(|text| WHOLE.iter().any(|whole| text.contains(whole)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::judge::reading::shell::{Reading, read};

    fn found(command: &str) -> Vec<(ScriptAccess, String)> {
        let Reading::Starts(starts) = read(command, "") else {
            unreachable!("{command} can be taken apart");
        };
        let all = starts.iter().flat_map(paths);
        all.map(|(access, path)| (access, path.to_owned()))
            .collect()
    }

    #[test]
    fn paths_are_read_where_files_are_opened() {
        use ScriptAccess::{List, Read};
        for (command, access, path) in [
            (
                "python3 -c \"print(open('/etc/shadow').read())\"",
                Read,
                "/etc/shadow",
            ),
            (
                "python3 - <<'P'\nimport glob\nfor p in glob.glob('/home/*/x'): pass\nP",
                List,
                "/home/*/x",
            ),
            (
                "node -e \"require('fs').readFileSync('../x.json')\"",
                Read,
                "../x.json",
            ),
        ] {
            assert_eq!(found(command), [(access, path.to_owned())], "{command}");
        }
    }

    #[test]
    fn other_texts_are_no_paths() {
        for command in [
            "node -e \"fetch(base + '/proxy/conversations.list')\"",
            "grep \"open('/etc/shadow')\" x.py",
            "node script.mjs",
            "python3 -c \"import os; os.chdir('slack'); print(open('../index.ts').read())\"",
            "node -e \"try { fs.writeFileSync('../x.json', 'a') } catch {}\"",
        ] {
            assert_eq!(found(command), [], "{command}");
        }
    }
}
