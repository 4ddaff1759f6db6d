//! Wrappers around programs: `env A=b timeout 60 npx --yes nango …` starts `nango`.

/// Takes wrappers off (`env A=b`, `timeout 60`, `npx --yes`), and folders off the program's name; gives what `env` sets.
pub fn unwrap(argv: &mut Vec<String>) -> Vec<String> {
    let mut set = Vec::new();
    for _ in 0..8 {
        let Some(first) = argv.first_mut() else {
            return set;
        };
        if let Some((_, name)) = first.rsplit_once('/') {
            *first = name.to_owned();
        }
        let (name, second) = (argv[0].clone(), argv.get(1).map_or("", String::as_str));
        // Options of the wrapper that take a value, which must not be mistaken for the program.
        let with_value: &[&str] = match (name.as_str(), second) {
            ("env", _) => &["-u", "-C"],
            ("sudo", _) => &["-u", "-g"],
            ("nice", _) => &["-n"],
            ("timeout", _) => &["-k", "-s"],
            ("stdbuf", _) => &["-o", "-e", "-i"],
            ("npx" | "bunx", _) => &["-p", "--package"],
            ("xargs", _) => &["-n", "-I", "-P", "-L", "-d"],
            ("command", "-v" | "-V") => return set,
            ("time" | "nohup" | "command" | "exec" | "builtin" | "setsid", _) => &[],
            ("pnpm" | "yarn" | "npm", "exec" | "x" | "dlx") => {
                argv.remove(0);
                &["-p", "--package"]
            }
            // `yarn nango …` and `pnpm nango …` start the program of that name.
            ("pnpm" | "yarn", "nango" | "vitest") => &[],
            // `coproc [NAME] { …; }`: the first program in it, by the grammar.
            ("coproc", _) => {
                let open = argv.iter().take(3).position(|word| word == "{");
                argv.drain(..=open.unwrap_or(0));
                continue;
            }
            ("node", script) => {
                if let Some(cli) = cli_of(script) {
                    argv.remove(0);
                    argv[0] = cli.to_owned();
                }
                return set;
            }
            _ => return set,
        };
        argv.remove(0);
        while let Some(arg) = argv.first() {
            let takes_value = with_value.contains(&arg.as_str());
            let is_setting = name == "env" && arg.contains('=');
            let is_duration = name == "timeout" && arg.starts_with(|c: char| c.is_ascii_digit());
            if !arg.starts_with('-') && !is_setting && !is_duration {
                break;
            }
            let gone = argv.remove(0);
            set.extend(is_setting.then_some(gone));
            if takes_value && !argv.is_empty() {
                argv.remove(0);
            }
        }
        // Alone it is a program itself: `env` prints the environment.
        if argv.is_empty() {
            argv.push(name);
            return set;
        }
    }
    set
}

/// The tool whose entry script this is, when Node is started with it.
fn cli_of(script: &str) -> Option<&'static str> {
    if script.ends_with("nango/dist/index.js") || script.ends_with(".bin/nango") {
        Some("nango")
    } else if script.contains("vitest/") && script.ends_with(".mjs")
        || script.ends_with(".bin/vitest")
    {
        Some("vitest")
    } else {
        None
    }
}
