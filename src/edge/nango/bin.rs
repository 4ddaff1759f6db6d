//! The commands on a workspace's PATH.

use std::path::Path;

use crate::domain::toolchain::ToolChain;

use super::files::argument;

/// The commands that agents type, with the pinned programs behind them and the CLI's traps taken out of their way: it asks
/// questions on standard input, and its dry run validates against the build that was there before.
pub(super) fn wrappers(tools: &ToolChain) -> Vec<(&'static str, String)> {
    let quote = |path: &Path| format!("'{}'", argument(path).replace('\'', r"'\''"));
    let (node, nango, vitest) = (
        quote(&tools.node),
        quote(&tools.nango),
        quote(&tools.vitest),
    );
    let tsc = quote(&tools.node_modules.join("typescript/bin/tsc"));
    vec![
        ("node", format!("#!/bin/sh\nexec {node} \"$@\"\n")),
        (
            "nango",
            format!(
                "#!/bin/sh\n\
                 quiet='--auto-confirm --no-interactive --no-dependency-update'\n\
                 quick=\"${{0%/*}}/../quick\"\n\
                 case \"$1\" in\n\
                 '' | -*) exec {node} {nango} \"$@\" </dev/null ;;\n\
                 compile | dryrun | generate:tests)\n\
                 \t[ ! -e \"$quick/cli.cjs\" ] || exec {node} \"$quick/quick.cjs\" {nango} \"$@\" $quiet </dev/null ;;\n\
                 esac\n\
                 case \"$1\" in\n\
                 dryrun | generate:tests)\n\
                 \texec {node} \"${{0%/*}}/../compile_first.mjs\" {nango} \"$@\" $quiet </dev/null ;;\n\
                 esac\n\
                 exec {node} {nango} \"$@\" $quiet </dev/null\n"
            ),
        ),
        ("vitest", format!("#!/bin/sh\nexec {node} {vitest} \"$@\" --no-cache </dev/null\n")),
        ("tsc", format!("#!/bin/sh\nexec {node} {tsc} \"$@\"\n")),
        (
            "npx",
            "#!/bin/sh\n\
             while case \"$1\" in -*) true ;; *) false ;; esac; do shift; done\n\
             case \"$1\" in\n\
             nango | vitest | tsc) exec \"$@\" ;;\n\
             esac\n\
             echo \"npx: only nango, vitest and tsc are here, and they are on PATH: type them without npx.\" >&2\n\
             exit 1\n"
                .to_owned(),
        ),
        (
            "npm",
            "#!/bin/sh\n\
             echo 'npm: packages are fixed in this workspace; nothing can or need be installed.' >&2\n\
             exit 1\n"
                .to_owned(),
        ),
    ]
}
