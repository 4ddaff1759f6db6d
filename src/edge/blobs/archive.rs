//! Where evidence is kept, as the operator names it.

use std::path::PathBuf;

use super::error::BlobError;

const SCHEME: &str = "s3://";

/// Where evidence is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Archive {
    /// A folder of this machine: the state folder.
    Folder(PathBuf),
    /// A bucket that many machines share. Who we are there, and which server it is, say the usual `AWS_…` variables.
    Bucket {
        /// Its name.
        bucket: String,
        /// What stands before all names in it; may be empty, and has no slash at its ends.
        prefix: String,
    },
}

impl Archive {
    /// Reads `s3://bucket/prefix`.
    ///
    /// # Errors
    /// [`BlobError::Address`] when it is nothing like that.
    pub fn parse(address: &str) -> Result<Self, BlobError> {
        let wrong = || BlobError::Address;
        let rest = address.strip_prefix(SCHEME).ok_or_else(wrong)?;
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        let prefix = prefix.trim_end_matches('/');
        // What S3 allows in a bucket's name; others allow less.
        let is_named = |c: char| c.is_ascii_alphanumeric() || ".-_".contains(c);
        if bucket.is_empty() || !bucket.chars().all(is_named) {
            return Err(wrong());
        }
        // A name that the library would change is another than the one that the operator sees.
        let is_plain = |part: &str| !part.is_empty() && part != "." && part != "..";
        let is_whole = |c: char| c.is_ascii_alphanumeric() || "!-_.()/".contains(c);
        let is_usable = prefix.split('/').all(is_plain) && prefix.chars().all(is_whole);
        if !prefix.is_empty() && !is_usable {
            return Err(wrong());
        }
        Ok(Self::Bucket {
            bucket: bucket.to_owned(),
            prefix: prefix.to_owned(),
        })
    }
}

impl std::fmt::Display for Archive {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Archive::Folder(folder) => write!(f, "{}", folder.display()),
            Archive::Bucket { bucket, prefix } if prefix.is_empty() => {
                write!(f, "{SCHEME}{bucket}")
            }
            Archive::Bucket { bucket, prefix } => write!(f, "{SCHEME}{bucket}/{prefix}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_is_named_by_its_address_and_nothing_else() {
        for (address, shown) in [
            ("s3://evidence", "s3://evidence"),
            ("s3://evidence/", "s3://evidence"),
            (
                "s3://evidence/countersign/eu/",
                "s3://evidence/countersign/eu",
            ),
        ] {
            let archive = Archive::parse(address).expect(address);
            assert_eq!(archive.to_string(), shown);
        }
        for address in [
            "",
            "evidence",
            "/var/lib/evidence",
            "s3://",
            "s3:///prefix",
            "s3://user:key@host/x",
            "s3://bucket/a//b",
            "s3://bucket/../b",
            "s3://bucket/a b",
            "s3://bucket/a?region=eu",
            "https://bucket.example.com",
        ] {
            let error = Archive::parse(address).expect_err(address);
            assert!(matches!(error, BlobError::Address), "{address}: {error}");
        }
    }
}
