//! A Nango project of the size that teams have after some years, made up: functions that are real ones but for their names.

use countersign_standin::nango::function;

/// Where it lies.
pub const PROJECT: &str = "nango-integrations";
/// What by its shape is a key, and lies in a helper and in `.env`.
pub const KEY: &str = concat!("xoxb-", "2f9a81c7d3e05b64");

/// Paths from the repository's root, and texts: `functions` functions of as many integrations as there are tens, each with a
/// helper, tests and recordings, and things that are nobody's to see.
pub fn large_project(functions: usize) -> Vec<(String, String)> {
    let action = function("slack/actions/list-channels.ts").expect("an example");
    let sync = function("slack/syncs/users.ts").expect("an example");
    let mut files = Vec::new();
    let mut put = |path: String, text: String| files.push((format!("{PROJECT}/{path}"), text));
    let mut index = String::new();
    for number in 0..functions {
        let integration = match number / 10 {
            0 => "slack".to_owned(),
            ten => format!("api-{ten}"),
        };
        let (kind, text) = if number % 3 == 0 {
            ("syncs", sync)
        } else {
            ("actions", action)
        };
        put(
            format!("{integration}/{kind}/function-{number}.ts"),
            text.to_owned(),
        );
        let recording = format!("{{ \"output\": \"{}\" }}", "recorded ".repeat(400));
        put(
            format!("{integration}/tests/function-{number}.test.json"),
            recording,
        );
        index += &format!("import './{integration}/{kind}/function-{number}.js';\n");
        if number % 10 == 0 {
            let helper = "export const first = <T>(all: T[]): T | undefined => all[0];\n";
            put(format!("{integration}/helpers/first.ts"), helper.to_owned());
        }
    }
    put("index.ts".into(), index);
    put("package.json".into(), "{ \"type\": \"module\" }\n".into());
    put(".env".into(), format!("SLACK={KEY}\n"));
    put(
        "slack/helpers/login.ts".into(),
        format!("export const login = '{KEY}';\n"),
    );
    put(
        "slack/helpers/credentials.ts".into(),
        "export const password = 'x';\n".into(),
    );
    put("AGENTS.md".into(), "Do as you like.\n".into());
    files
}
