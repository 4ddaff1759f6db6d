//! Random bytes that nobody can guess.

/// The system has no random bytes to give; it can then do nothing that needs a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the system gave no random bytes")]
pub struct NoRandom;

/// `N` random bytes.
///
/// # Errors
/// [`NoRandom`]
pub fn bytes<const N: usize>() -> Result<[u8; N], NoRandom> {
    let mut bytes = [0; N];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| NoRandom)?;
    Ok(bytes)
}

/// `N` random bytes in hexadecimal digits.
///
/// # Errors
/// [`NoRandom`]
pub fn hex<const N: usize>() -> Result<String, NoRandom> {
    bytes::<N>().map(hex::encode)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_are_never_the_same() {
        let (one, other) = (hex::<24>(), hex::<24>());
        assert_eq!(one.as_ref().map(String::len), Ok(48));
        assert_ne!(one, other);
    }
}
