//! The texts that files may hold, as patterns and in words.

pub(super) const HTTPS: &str = r"^https://[A-Za-z0-9.-]+(:[0-9]{1,5})?([/?#][^\s<>]*)?$";
pub(super) const HOST: &str = r"^[a-z0-9-]+(\.[a-z0-9-]+)+$";
// Ids of connections and integrations become arguments of a program, so they must not begin with a hyphen; and parts of
// addresses, where every other character would stand for something else or be escaped here and not there.
pub(super) const NANGO_ID: &str = r"^[A-Za-z0-9_][A-Za-z0-9_.:@~-]{0,254}$";
pub(super) const MODEL: &str = r"^[A-Za-z0-9][A-Za-z0-9_.-]*/[A-Za-z0-9][A-Za-z0-9_.:/@-]*$";
pub(super) const FOLDER: &str =
    r"^\.?[A-Za-z0-9_-][A-Za-z0-9_.-]*(/\.?[A-Za-z0-9_-][A-Za-z0-9_.-]*)*$";
/// A folder, or the repository's root.
pub(super) const PROJECT: &str =
    r"^(\.|\.?[A-Za-z0-9_-][A-Za-z0-9_.-]*(/\.?[A-Za-z0-9_-][A-Za-z0-9_.-]*)*)$";

/// What a text of this pattern is, for a person.
pub(super) fn words(pattern: &str) -> Option<&'static str> {
    Some(match pattern {
        HTTPS => "an https:// address",
        HOST => "a host name in lower case, such as `docs.example.com`",
        NANGO_ID => "a Nango id that can be used here (letters, digits and _ . : @ ~ -)",
        MODEL => "a model of the form `provider/model`",
        FOLDER => "a folder of the repository, relative to its root, without `..`",
        PROJECT => {
            "a folder of the repository, relative to its root, without `..`; `.` for the root itself"
        }
        _ => return None,
    })
}

/// What to do when a text is not of this pattern, where that goes without saying no more.
pub(super) fn way_out(pattern: &str) -> Option<&'static str> {
    (pattern == NANGO_ID).then_some(
        "copy it from Nango; one with other characters has to be renamed there, or a new one made",
    )
}
