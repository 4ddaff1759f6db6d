//! **Uncontrolled network**: the function speaks to the world past the SDK.
//!
//! Sees the global `fetch` and its like, the SDK's own `uncontrolledFetch`, `baseUrlOverride`, and modules that open
//! connections. What goes there has no connection, no retries, no log, and in production no witness. What looks alike: a
//! helper of that name, the SDK's own methods. In 6,335 published functions seven speak past the SDK; 283 have
//! `baseUrlOverride`, for APIs with several hosts, so that is a note. Confidence: *suspected*.

use super::finding::{noted, once, suspected};
use crate::domain::dossier::Dossier;
use crate::domain::finding::Finding;
use crate::rules::judge::reading::typescript::facts::{Path, Purpose, Root, Source};

const GLOBALS: &[&str] = &["fetch", "XMLHttpRequest", "WebSocket", "EventSource"];
const MODULES: &[&str] = &[
    "axios",
    "http",
    "https",
    "http2",
    "net",
    "tls",
    "dgram",
    "dns",
    "undici",
    "node-fetch",
    "got",
    "ws",
    "ky",
    "superagent",
];

pub(super) fn find(_: &Dossier, source: &Source) -> Vec<Finding> {
    let uses = source
        .uses
        .iter()
        .filter(|used| goes_past(&used.path))
        .map(|used| {
            let written = used.path.written();
            suspected(
                "uncontrolled-network",
                used.line,
                format!("The function speaks to the network past the SDK (`{written}`)."),
            )
        });
    let keys = source
        .texts
        .iter()
        .filter(|text| text.purpose == Purpose::Key);
    let keys = keys.map(|text| (text.line, text.value.as_str()));
    let names = source
        .names
        .iter()
        .map(|name| (name.line, name.text.as_str()));
    let members = source
        .members
        .iter()
        .map(|name| (name.line, name.text.as_str()));
    let overrides = keys.chain(names).chain(members).filter(|(_, name)| *name == "baseUrlOverride").map(|(line, _)| {
        noted("uncontrolled-network", line, "The function sends a request to another host than the provider's (`baseUrlOverride`).")
    });
    once(uses.chain(overrides).collect())
}

fn goes_past(path: &Path) -> bool {
    let first = path.names.first().map_or("", String::as_str);
    match path.root {
        Root::Global => {
            GLOBALS.contains(&first)
                || (matches!(first, "globalThis" | "window" | "global")
                    && path
                        .names
                        .get(1)
                        .is_some_and(|name| GLOBALS.contains(&name.as_str())))
                || path.starts(Root::Global, &["navigator", "sendBeacon"])
        }
        Root::Nango => first == "uncontrolledFetch",
        Root::Import => MODULES.contains(&first.trim_start_matches("node:")),
        Root::Input | Root::Local => false,
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::judge::sample::found_in_exec;

    #[test]
    fn ways_past_the_sdk_are_seen() {
        for text in [
            "const r = await fetch('https://x.example'); return r;",
            "const f = fetch; await f('https://x.example');",
            "await nango.uncontrolledFetch({ url: new URL('https://x.example') });",
            "const { uncontrolledFetch: u } = nango; await u({});",
            "await nango.get({ retries: 3, endpoint: '/x', baseUrlOverride: 'https://x.example' });",
            "await nango.get({ retries: 3, endpoint: '/x', ['baseUrl' + 'Override']: 'https://x.example' });",
            "new WebSocket('wss://x.example'); await nango.get({ retries: 3 });",
        ] {
            assert!(
                found_in_exec(text).contains(&"uncontrolled-network".to_owned()),
                "{text}"
            );
        }
    }

    #[test]
    fn a_helper_of_that_name_is_innocent() {
        let text = "const fetch = (page: string) => nango.get({ retries: 3, endpoint: page }); await fetch('/x'); await nango.get({ retries: 3, endpoint: '/http' });";
        assert_eq!(found_in_exec(text), [""; 0]);
    }
}
