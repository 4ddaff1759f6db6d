//! How OpenCode 1.x names its tools and their arguments: the only table of them. It stands here and not in the agent's
//! adapter because evidence of the first version, which holds raw calls only, is read where no agent is.

use serde_json::Value;

use super::Deed;

/// The deed of a call of OpenCode's tool `tool`. Total: what is unknown, or lacks an argument, is [`Deed::Other`].
pub fn of_opencode(tool: &str, input: &Value) -> Deed {
    let text = |names: &[&str]| {
        let found = names.iter().find_map(|name| input.get(*name)?.as_str());
        found.map(str::to_owned)
    };
    let path = || text(&["filePath", "path"]);
    let deed = match tool {
        "bash" | "shell" => text(&["command"]).map(|command| Deed::Shell {
            command,
            folder: text(&["workdir", "cwd"]).unwrap_or_default(),
        }),
        "read" | "grep" => path().map(|path| Deed::Read { path }),
        "list" | "ls" | "glob" => path().map(|path| Deed::List { path }),
        "write" | "create" => path().map(|path| Deed::Write {
            path,
            content: text(&["content"]).unwrap_or_default(),
        }),
        "edit" | "str_replace" => path().map(|path| Deed::Edit {
            path,
            text: text(&["newString", "content"]).unwrap_or_default(),
        }),
        "multiedit" => path().map(|path| Deed::Edit {
            path,
            text: edits(input),
        }),
        "patch" | "apply_patch" => text(&["patchText", "patch"]).map(|patch| Deed::Patch {
            paths: patched(&patch),
        }),
        "webfetch" => text(&["url"]).map(|url| Deed::Fetch { url }),
        _ => None,
    };
    deed.unwrap_or_default()
}

/// What several edits of one file put in.
fn edits(input: &Value) -> String {
    let edits = input.get("edits").and_then(Value::as_array);
    let texts = edits
        .into_iter()
        .flatten()
        .filter_map(|edit| edit.get("newString")?.as_str());
    texts.collect::<Vec<_>>().join("\n")
}

/// The files that a patch names, in OpenCode's own form or as a unified diff.
fn patched(patch: &str) -> Vec<String> {
    const MARKS: [&str; 5] = [
        "*** Add File: ",
        "*** Update File: ",
        "*** Delete File: ",
        "*** Move to: ",
        "+++ ",
    ];
    let named = patch
        .lines()
        .filter_map(|line| MARKS.iter().find_map(|mark| line.strip_prefix(mark)));
    let paths = named.map(|path| path.trim().trim_start_matches("b/").to_owned());
    paths.filter(|path| path != "/dev/null").collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn each_tool_is_a_deed_and_what_is_unknown_or_broken_is_none() {
        let path = || "a/b.ts".to_owned();
        for (tool, input, deed) in [
            (
                "bash",
                json!({"command": "ls", "workdir": "a"}),
                Deed::Shell {
                    command: "ls".into(),
                    folder: "a".into(),
                },
            ),
            (
                "read",
                json!({"filePath": "a/b.ts"}),
                Deed::Read { path: path() },
            ),
            (
                "glob",
                json!({"path": "a/b.ts"}),
                Deed::List { path: path() },
            ),
            (
                "write",
                json!({"filePath": "a/b.ts", "content": "x"}),
                Deed::Write {
                    path: path(),
                    content: "x".into(),
                },
            ),
            (
                "multiedit",
                json!({"filePath": "a/b.ts", "edits": [{"newString": "x"}, {"newString": "y"}]}),
                Deed::Edit {
                    path: path(),
                    text: "x\ny".into(),
                },
            ),
            (
                "apply_patch",
                json!({"patchText": "*** Begin Patch\n*** Update File: a/b.ts\n+++ b/c.ts\n+++ /dev/null"}),
                Deed::Patch {
                    paths: vec![path(), "c.ts".into()],
                },
            ),
            (
                "webfetch",
                json!({"url": "https://x"}),
                Deed::Fetch {
                    url: "https://x".into(),
                },
            ),
            ("todowrite", json!({"filePath": "a"}), Deed::Other),
            ("write", json!({"content": "x"}), Deed::Other),
            ("bash", json!({"command": 7}), Deed::Other),
            ("read", json!(null), Deed::Other),
        ] {
            assert_eq!(of_opencode(tool, &input), deed, "{tool} {input}");
        }
    }
}
