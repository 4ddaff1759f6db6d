//! As whom GitHub is asked: [`Identity`].

use secrecy::SecretString;

/// As whom GitHub is asked.
#[derive(Debug, Clone)]
pub enum Identity {
    /// An App, which makes its own tokens, each as narrow as a job needs.
    App {
        /// Its id.
        id: u64,
        /// Its private key, PEM.
        private_key: SecretString,
    },
    /// Whoever holds one token for one repository that somebody else made: a step of a workflow.
    Token {
        /// The token, good for everything that is done with it.
        token: SecretString,
        /// The account that it writes as, `github-actions[bot]`.
        login: String,
    },
}
